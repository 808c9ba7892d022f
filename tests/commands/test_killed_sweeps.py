"""Multiruns whose command is killed: their jobs go on, and the multirun can be resumed."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.processes import SMALL, command
from tests.wandb_files import read_runs

WAITS = """
import time
from pathlib import Path
import pytorch_lightning as pl
class Waits(pl.Callback):
    def on_train_start(self, trainer, pl_module):
        Path(trainer.default_root_dir, "waiting").touch()
        until = time.monotonic() + 300
        while not trainer.received_sigterm and time.monotonic() < until:
            time.sleep(0.1)
"""


def run_file(folder, number):
    (path,) = folder.glob(f"{number}-*/run.json")
    return json.loads(path.read_text())


def until(condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("launcher", ["local", "joblib"])
def test_a_sweep_is_resumed_after_its_command_was_killed(tmp_path, launcher):
    (tmp_path / "patience.py").write_text(WAITS)
    folder = tmp_path / "sweep"
    words = ["--multirun", *SMALL, f"launcher={launcher}", "seed=0,1", "trainer.max_epochs=1", "logger=wandb"]
    words += ["evolution=off", "trainer.callbacks=[{_target_: patience.Waits}]", "hydra.sweep.dir=sweep"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    environment |= {"WANDB_MODE": "offline", "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-m", "featevo.train", *words]
    killed = subprocess.Popen(run, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first = [0, 1] if launcher == "joblib" else [0]
    until(lambda: len(list(tmp_path.rglob("waiting"))) == len(first))
    killed.kill()
    killed.wait()
    processes = [run_file(folder, number)["process"] for number in first]

    refused = command(tmp_path, "sweep.resume=sweep", "trust=true")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    for number, process in zip(first, processes, strict=True):
        assert f"job {number} is still running as process {process}" in refused.stderr

    (tmp_path / "patience.py").write_text(WAITS.replace("while", "while False and"))  # but orphans wait on
    resumed = command(tmp_path, "sweep.resume=sweep", "sweep.force=true", "trust=true")
    assert resumed.returncode == 0, resumed.stderr
    for number, process in zip(first, processes, strict=True):
        assert f"Ending job {number} (process {process})" in resumed.stdout
    assert [run_file(folder, number)["status"] for number in range(2)] == ["finished"] * 2
    assert sorted(path.name for path in folder.glob(".unfinished/*")) == [f"{n}-seed-{n}-1" for n in first]
    codes = sorted(run["exit_code"] for run in read_runs(folder))
    assert codes == [0, 0] + [255] * len(first)  # interrupted, by sweep.force=true
