"""Multiruns as users start them: real processes, jobs that fail in three ways, resuming, every launcher."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from PIL import Image

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.sweep.planned_jobs import planned
from tests.processes import SMALL, command
from tests.wandb_files import read_runs

SWEEPS = sorted((CONF.parent / "sweeps").glob("*.yaml"))
JOBS = {"init_mode": 6, "robustness": 8, "class_count": 5, "regularizer": 10, "freezing": 6, "seeds": 5}
JOBS |= {"study": 288, "planted": 60}
# No hydra.sweep.dir, so that the default folder of a sweep is tested, too.
TINY = ("--multirun", *SMALL, "trainer.max_epochs=1")

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


def sweep_of(folder):
    (found,) = folder.glob("outputs/multirun/*")
    return found


def state(folder):
    content = json.loads((folder / "sweep.json").read_text())
    return content["status"], [job["status"] for job in content["jobs"]]


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_sweep_documents_its_commands_and_jobs(path):
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
        given = config.hydra.sweeper.params.items()
        alone = [f"{key}={value}" for key, value in given if "," not in str(value)]  # of all jobs, so not in the plan
        for job in plan:
            compose("train", [*alone, *job, "debug=small"])


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_the_form_for_wandb_is_the_same_sweep(path):
    form = path.parent / "wandb" / path.name
    text = form.read_text()
    assert text.startswith(f"# wandb sweep --project featevo sweeps/wandb/{path.name}\n")
    assert f"# The same as sweeps/{path.name} by W&B's agents: " in text
    assert f" {JOBS[path.stem]} runs.\n" in text
    agents = _read(form)
    assert agents.keys() == {"program", "method", "metric", "command", "parameters"}
    assert (agents["program"], agents["method"]) == ("featevo.train", "grid")
    assert agents["metric"] == {"name": "val_acc", "goal": "maximize"}
    assert all(spec.keys() == {"values"} for spec in agents["parameters"].values())
    assert agents["command"] == ["${env}", "python", "-m", "featevo.train", "${args_no_hyphens}"]
    given = _read(path)["hydra"]["sweeper"]["params"]
    same = {key: re.split(",", str(value)) for key, value in given.items()}
    assert {key: [str(value) for value in spec["values"]] for key, spec in agents["parameters"].items()} == same


def test_every_sweep_has_a_form_for_wandb():
    forms = (CONF.parent / "sweeps" / "wandb").iterdir()
    assert {path.name for path in forms} == {path.name for path in SWEEPS} == {f"{name}.yaml" for name in JOBS}


def test_failed_and_killed_jobs_stop_no_other_and_only_they_run_again(tmp_path):
    (tmp_path / "broken.py").write_text(BREAKS)
    # What Hydra computes in the command's own process (`now`, its own folder) reaches the jobs as values.
    computed = ("name=run-${now:%Y}", "trainer.default_root_dir=${hydra:sweep.dir}/root")
    swept = (*TINY, "seed=0,1,2,3", "trainer.callbacks=[{_target_: broken.Breaks}]", *computed)
    done = command(tmp_path, *swept)
    assert done.returncode == 1
    folder = sweep_of(tmp_path)
    name = folder.relative_to(tmp_path)
    assert state(folder) == ("failed", ["finished", "failed", "failed", "finished"])
    assert "[2/4] seed=1: failed (RuntimeError: a bug in job 1)" in done.stdout
    assert f"Job 2: killed by SIGKILL ({name}/2-seed-2)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "RuntimeError: a bug in job 1" in (folder / "1-seed-1" / "train.log").read_text()
    for file in ("comparison.png", "report.html"):
        assert (folder / file).is_file()
    # W&B: one folder and one group; each run has an id and the right exit code, the killed one from a second file.
    runs = read_runs(folder)
    assert {run["group"] for run in runs} == {folder.name}
    assert [(run["name"], run["exit_code"]) for run in runs] == [
        ("0-seed-0", 0),
        ("1-seed-1", 1),
        ("2-seed-2", 1),
        ("3-seed-3", 0),
    ]
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("[03]-*/evolution/epoch=*/*.png")}
    assert len(kept) == 8

    again = command(tmp_path, *swept, f"hydra.sweep.dir={name}")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith(f"Error: {name} already holds a sweep; resume it by sweep.resume={name}")
    other = command(tmp_path, f"sweep.resume={name}", "seed=0,1,2,3,4")
    assert other.returncode == 2
    assert "would change the jobs of the sweep" in other.stderr

    (tmp_path / "mended").touch()
    # The folder alone may not name a class or resolve anything: the printed command does.
    alone = command(tmp_path, f"sweep.resume={name}")
    assert (alone.returncode, alone.stdout) == (2, "")
    assert "its command has arguments that may run any code: " in alone.stderr
    assert (folder / "1-seed-1").is_dir()
    (printed,) = re.findall(r"^Run what is missing: python -m featevo.train (.*)$", done.stdout, re.MULTILINE)
    assert shlex.split(printed) == [f"sweep.resume={name}", *swept[-3:]]
    resumed = command(tmp_path, *shlex.split(printed))
    assert resumed.returncode == 0, resumed.stderr
    assert state(folder) == ("finished", ["finished"] * 4)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list(folder.glob("[12]-*/evolution/epoch=*/*.png"))) == 8
    assert sorted(path.name for path in folder.glob(".unfinished/*")) == ["1-seed-1-1", "2-seed-2-1"]


MEETS = """
import time
from pathlib import Path
import pytorch_lightning as pl
class Meets(pl.Callback):
    def on_train_start(self, trainer, pl_module):
        until = time.monotonic() + 120
        while len(list(Path("outputs").rglob("*-seed-*/run.json"))) < 2:
            assert time.monotonic() < until, "alone"
            time.sleep(0.1)
"""


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_jobs_run_at_the_same_time(tmp_path, launcher):
    """Each job waits until the other has started; one after the other, the first would fail."""
    (tmp_path / "meeting.py").write_text(MEETS)
    meets = "trainer.callbacks=[{_target_: meeting.Meets}]"
    subdir = "hydra.sweep.subdir=jobs/my-seed-${hydra.job.num}" if launcher == "joblib" else ""
    done = command(tmp_path, *TINY, f"launcher={launcher}", "seed=0,1", "logger=none", meets, *filter(None, [subdir]))
    assert done.returncode == 0, done.stderr
    folder = sweep_of(tmp_path)
    assert state(folder) == ("finished", ["finished", "finished"])
    jobs = [path.parent for path in folder.rglob("run.json")]
    assert len(jobs) == 2
    for job in jobs:
        assert np.asarray(Image.open(next(job.glob("evolution/epoch=*/*.png")))).std() > 0


ENDS = """
import sys
class Ends:
    def find_spec(self, name, path=None, target=None):
        if name == "featevo.app.training":
            raise ImportError("libdriver.so: no such file")
if "featevo.sweep.job" in sys.orig_argv:
    sys.meta_path.insert(0, Ends())
"""


def test_the_table_names_why_a_job_ended_before_its_run_began(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(ENDS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    done = command(tmp_path, *TINY, "logger=none", "seed=0,1")
    assert done.returncode == 1
    folder = sweep_of(tmp_path)
    assert "[1/2] seed=0: failed (ImportError: libdriver.so: no such file)" in done.stdout
    assert f"Job 1: ImportError: libdriver.so: no such file ({folder.relative_to(tmp_path)}/1-seed-1)" in done.stdout
    assert state(folder) == ("failed", ["failed", "failed"])


def test_a_mistake_in_the_command_leaves_no_sweep(tmp_path):
    done = command(tmp_path, *TINY, "seed=0,1", "init=random,nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("sweep.json"))


def test_a_launcher_that_is_not_installed_is_named(monkeypatch):
    from featevo.app.exit import explain

    error = ValueError("Could not find 'hydra/launcher/submitit_slurm' Available options in 'hydra/launcher': basic")
    assert explain(error) == "launcher: submitit_slurm is not installed; pip install 'featevo[slurm]'"


WAITS = """
import signal
import time
from pathlib import Path
import pytorch_lightning as pl
# A process that a shell started in the background ignores Ctrl+C; a user's does not.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Waits(pl.Callback):
    def on_train_start(self, trainer, pl_module):
        Path(trainer.default_root_dir, "waiting").touch()
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        time.sleep(1)
"""

START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("featevo.train", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(("number", "code", "name"), [(signal.SIGINT, 1, "Ctrl+C"), (signal.SIGTERM, 143, "SIGTERM")])
def test_jobs_of_joblib_end_with_the_command_and_record_it(tmp_path, number, code, name):
    (tmp_path / "patience.py").write_text(WAITS)
    waits = "trainer.callbacks=[{_target_: patience.Waits}]"
    words = [*TINY, "launcher=joblib", "seed=0,1,2", "logger=none", "trainer.max_epochs=500", waits]
    run = [sys.executable, "-c", START, *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    process = subprocess.Popen(run, cwd=tmp_path, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 180
    while len(list(tmp_path.rglob("waiting"))) < 2:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.2)
    folder = sweep_of(tmp_path)
    second = command(tmp_path, f"sweep.resume={folder}", "trust=true")
    assert (second.returncode, f"(process {process.pid} on " in second.stderr) == (2, True)

    # A terminal sends Ctrl+C to all processes, a cluster SIGTERM to one.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    assert process.wait(120) == code
    assert state(folder) == ("interrupted", ["interrupted", "interrupted", "missing"])
    for path in folder.rglob("run.json"):
        assert json.loads(path.read_text())["error"] == f"interrupted by {name}"
