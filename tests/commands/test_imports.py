"""Commands start quickly: what takes seconds to import is imported when something is drawn, trained or logged."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SLOW = {"torch", "torchvision", "torchmetrics", "pytorch_lightning", "lightning_fabric", "wandb", "scipy", "matplotlib"}


def imported(*arguments: str, **environment: str) -> tuple[set[str], int]:
    """The modules of `SLOW` that a command imports, and its exit code; in a process that starts from nothing."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "featevo" in names, done.stderr
    return names & SLOW, done.returncode


@pytest.mark.parametrize(
    "module",
    [
        *("train", "evaluate", "silent", "gallery", "render", "measure"),
        *("report", "watch", "figures", "record", "study", "workspace"),
    ],
)
def test_help_needs_nothing_slow(module):
    assert imported("-m", f"featevo.{module}", "--help") == (set(), 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--cfg", "job"), 0),
        (("--info", "config"), 0),
        (("trainer.max_epoch=4",), 2),
        (("evolution.trigger=never",), 2),
        (("data=folders",), 2),
        (("--multirun", "seed=0,1", "data.num_clases=4", "logger=none"), 2),
    ],
    ids=str,
)
def test_what_ends_before_training_needs_nothing_slow(tmp_path, arguments, code):
    place = (f"hydra.run.dir={tmp_path}/run", f"hydra.sweep.dir={tmp_path}/sweep")
    assert imported("-m", "featevo.train", *arguments, *place) == (set(), code)


def test_completion_of_the_command_line_needs_nothing_slow():
    line = "train model=vgg"
    found = imported("-m", "featevo.train", "-sc", "query=bash", COMP_LINE=line, COMP_POINT=str(len(line)))
    assert found == (set(), 0)


@pytest.mark.parametrize("module", ["report", "figures", "record"])
def test_commands_that_read_records_need_no_network(make_run, module):
    """A page and figures are made without torch, Lightning and W&B."""
    words = ["check"] if module == "record" else []
    needed = {"matplotlib"} if module == "figures" else set()
    assert imported("-m", f"featevo.{module}", *words, str(make_run()))[0] == needed


def test_the_package_alone_is_light_and_drawing_needs_torch_alone():
    assert imported("-c", "import featevo") == (set(), 0)
    assert imported("-c", "import featevo.visualize") == ({"torch"}, 0)
    assert "pytorch_lightning" in imported("-c", "from featevo import FeatureEvolutionCallback")[0]


def test_a_record_is_loaded_and_shown_without_anything_slow(make_run):
    script = f"import featevo; run = featevo.load({str(make_run())!r}); run._repr_html_(); run.show()._repr_html_()"
    assert imported("-c", script) == (set(), 0)
