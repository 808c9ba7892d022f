"""The commands as users type them: real processes, real Hydra, exit codes, what is printed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.wandb_files import read_run

SMALL = ("debug=smoke", "trainer.accelerator=cpu", "data.source.train_per_class=8", "data.source.val_per_class=4")


def command(folder, *arguments, module="featevo.train"):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB", "HYDRA"))}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**environment, "NETRC": str(folder / "netrc"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_default_logger_is_wandb_offline_without_a_key(tmp_path):
    done = command(tmp_path, *SMALL)
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("outputs/*/*-scenes-random")
    assert "wandb sync" in done.stdout
    assert f"Figure:     {folder}/evolution.png" in done.stdout
    run = read_run(folder)
    assert json.loads((folder / "run.json").read_text())["wandb"]["id"] == run["id"]
    assert run["config"]["init"]["name"] == "random"
    assert run["exit_code"] == 0
    assert any("features/tree frog" in row for row in run["history"])


def test_a_multirun_gives_each_job_its_own_run(tmp_path):
    done = command(tmp_path, "--multirun", *SMALL, "seed=0,1", "hydra.sweep.dir=sweep")
    assert done.returncode == 0, done.stderr
    runs = [read_run(folder) for folder in sorted(tmp_path.glob("sweep/[01]-*"))]
    assert len({run["id"] for run in runs}) == 2
    assert {run["group"] for run in runs} == {"sweep"}
    assert [run["config"]["seed"] for run in runs] == [0, 1]


def test_a_crash_is_failed_everywhere(tmp_path):
    """Exit code 1, status failed, and W&B told so."""
    (tmp_path / "broken.py").write_text(
        "import pytorch_lightning as pl\n"
        "class Crash(pl.Callback):\n"
        "    def on_train_epoch_start(self, trainer, pl_module):\n"
        "        assert trainer.current_epoch < 1, 'a crash'\n"
    )
    done = command(tmp_path, *SMALL, "trainer.callbacks=[{_target_: broken.Crash}]")
    assert done.returncode == 1
    assert "AssertionError: a crash" in done.stderr
    (folder,) = tmp_path.glob("outputs/*/*")
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"]) == ("failed", "AssertionError: a crash")
    assert read_run(folder)["exit_code"] == 1
    assert (folder / "evolution.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data.num_clases=4"], "Error: data.num_clases: there is no such key in data (did you mean num_classes?)"),
        (["data=folder", "data.root=nowhere", "logger=none"], "Error: data.root"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, arguments, message):
    done = command(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == 1


def test_help_lists_groups_and_options(tmp_path):
    done = command(tmp_path, "--help")
    assert done.returncode == 0
    for words in (
        "init: pretrained, random",
        "data: folder, scenes",
        "regularizer: none, paper",
        "num_classes: ",
        "steps: 128",
    ):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_real_pictures_that_nobody_here_drew(tmp_path):
    """Handwritten digits as PNG class folders, through the same command."""
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    for index, (image, label) in enumerate(zip(digits.images[:200], digits.target[:200], strict=True)):
        folder = tmp_path / "digits" / f"digit {label}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15.9375).astype(np.uint8)).save(folder / f"{index}.png")
    done = command(
        tmp_path,
        "debug=smoke",
        "data=folder",
        "data.root=digits",
        "data.num_classes=5",
        "logger=csv",
        "trainer.max_epochs=1",
    )
    assert done.returncode == 0, done.stderr
    (index,) = tmp_path.glob("outputs/*/*-folder-random/evolution/index.jsonl")
    (line,) = index.read_text().splitlines()
    assert [render["name"] for render in json.loads(line)["renders"]] == [f"digit {digit}" for digit in range(5)]
