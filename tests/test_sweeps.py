"""Multiruns as users start them: real processes, jobs that fail in three ways, going on, every launcher."""

import json
import re
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from PIL import Image

from featevo.config import register
from featevo.paths import CONF
from featevo.sweep.plan import planned
from tests.test_commands import SMALL, command
from tests.wandb_files import read_runs

SWEEPS = sorted((CONF.parent / "sweeps").glob("*.yaml"))
JOBS = {"init_mode": 6, "class_count": 5, "regularizer": 9, "freezing": 6, "seeds": 5}
TINY = ("--multirun", *SMALL, "trainer.max_epochs=1", "hydra.sweep.dir=sweep")

BREAKS = """
import os, signal
from pathlib import Path
import pytorch_lightning as pl
class Breaks(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        seed = int(os.environ.get("PL_GLOBAL_SEED"))
        if seed == 1 and not Path("mended").exists():
            raise RuntimeError("a bug in job 1")
        if seed == 2 and not Path("mended").exists():
            os.kill(os.getpid(), signal.SIGKILL)
"""


def _read(path):
    content: Any = OmegaConf.to_container(OmegaConf.load(path))
    return content


def state(folder):
    content = json.loads((folder / "sweep.json").read_text())
    return content["status"], [job["status"] for job in content["jobs"]]


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_sweep_says_its_commands_and_jobs(path):
    text = path.read_text()
    own = f"# python -m featevo.train --config-dir sweeps --config-name {path.stem}\n"
    assert text.startswith(own)
    assert f"#   {own.strip()[2:]} debug=small\n" in text
    assert f" {JOBS[path.stem]} jobs, " in text.replace("\n#", "")
    assert "# Look at: " in text
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", return_hydra_config=True)
        config.hydra.sweeper.params = _read(path)["hydra"]["sweeper"]["params"]
        plan = planned(config)
        assert len(plan) == JOBS[path.stem]
        for job in plan:
            compose("train", [*job, "debug=small"])


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_wandbs_form_is_the_same_sweep(path):
    agents = _read(path.parent / "wandb" / path.name)
    assert agents["method"] == "grid"
    assert agents["command"] == ["${env}", "python", "-m", "featevo.train", "${args_no_hyphens}"]
    given = _read(path)["hydra"]["sweeper"]["params"]
    same = {key: re.split(",", str(value)) for key, value in given.items()}
    assert {key: [str(value) for value in spec["values"]] for key, spec in agents["parameters"].items()} == same


def test_failing_and_killed_jobs_stop_no_other_and_are_run_again_alone(tmp_path):
    (tmp_path / "broken.py").write_text(BREAKS)
    swept = (*TINY, "seed=0,1,2,3", "trainer.callbacks=[{_target_: broken.Breaks}]")
    done = command(tmp_path, *swept)
    assert done.returncode == 1
    folder = tmp_path / "sweep"
    assert state(folder) == ("failed", ["finished", "failed", "failed", "finished"])
    assert "[2/4] seed=1: failed (RuntimeError: a bug in job 1)" in done.stdout
    assert "Job 2: killed by SIGKILL (sweep/2-seed-2)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "RuntimeError: a bug in job 1" in (folder / "1-seed-1" / "train.log").read_text()
    for name in ("comparison.png", "report.html"):
        assert (folder / name).is_file()
    # W&B: one place for all, one group, an id and the right end for each; the killed run's second file ends it.
    runs = read_runs(folder)
    assert {run["group"] for run in runs} == {"sweep"}
    assert [(run["name"], run["exit_code"]) for run in runs] == [
        ("0-seed-0", 0),
        ("1-seed-1", 1),
        ("2-seed-2", 1),
        ("3-seed-3", 0),
    ]
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("[03]-*/evolution/*/*.png")}
    assert len(kept) == 8

    again = command(tmp_path, *swept)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith("Error: sweep already holds a sweep; go on with it by sweep.resume=sweep")
    other = command(tmp_path, "sweep.resume=sweep", "seed=0,1,2,3,4")
    assert other.returncode == 2
    assert "a sweep goes on as it began" in other.stderr

    (tmp_path / "mended").touch()
    resumed = command(tmp_path, "sweep.resume=sweep")
    assert resumed.returncode == 0, resumed.stderr
    assert state(folder) == ("finished", ["finished"] * 4)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list(folder.glob("[12]-*/evolution/*/*.png"))) == 8
    assert sorted(path.name for path in folder.glob(".unfinished/*")) == ["1-seed-1-1", "2-seed-2-1"]


MEETS = """
import time
from pathlib import Path
import pytorch_lightning as pl
class Meets(pl.Callback):
    def on_train_start(self, trainer, pl_module):
        until = time.monotonic() + 120
        while len(list(Path("sweep").rglob("*-seed-*/run.json"))) < 2:
            assert time.monotonic() < until, "alone"
            time.sleep(0.1)
"""


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_jobs_run_at_once(tmp_path, launcher):
    """Each waits until the other is there: one after the other, the first would fail."""
    (tmp_path / "meeting.py").write_text(MEETS)
    meets = "trainer.callbacks=[{_target_: meeting.Meets}]"
    subdir = "hydra.sweep.subdir=jobs/my-seed-${hydra.job.num}" if launcher == "joblib" else ""
    done = command(tmp_path, *TINY, f"launcher={launcher}", "seed=0,1", "logger=none", meets, *filter(None, [subdir]))
    assert done.returncode == 0, done.stderr
    assert state(tmp_path / "sweep") == ("finished", ["finished", "finished"])
    jobs = [path.parent for path in (tmp_path / "sweep").rglob("run.json")]
    assert len(jobs) == 2
    for job in jobs:
        assert np.asarray(Image.open(next(job.glob("evolution/*/*.png")))).std() > 0


def test_a_mistake_in_the_command_leaves_no_sweep(tmp_path):
    done = command(tmp_path, *TINY, "seed=0,1", "init=random,nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("sweep.json"))


def test_a_launcher_that_is_not_installed_is_named(monkeypatch):
    from featevo.command import explain

    error = ValueError("Could not find 'hydra/launcher/submitit_slurm' Available options in 'hydra/launcher': basic")
    assert explain(error) == "launcher: submitit_slurm is not installed; pip install 'featevo[slurm]'"
