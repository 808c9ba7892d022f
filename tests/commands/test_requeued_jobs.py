"""A job that submitit or Slurm starts again goes on from its last checkpoint; by submitit without a cluster."""

import json

from tests.processes import SMALL, command

PREEMPTED = """
import os, signal, time
from pathlib import Path
import pytorch_lightning as pl
class Preempted(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if trainer.current_epoch == 1 and not Path("preempted").exists():
            Path("preempted").touch()
            os.kill(os.getpid(), signal.SIGUSR2)  # as a cluster does before it takes the machine away
            time.sleep(60)
"""


def test_a_job_that_is_preempted_is_started_again_and_finishes(tmp_path):
    (tmp_path / "cluster.py").write_text(PREEMPTED)
    words = ["--multirun", *SMALL, "launcher=submitit_local", "seed=0", "logger=none", "evolution=off"]
    words += ["trainer.max_epochs=2", "trainer.callbacks=[{_target_: cluster.Preempted}]", "hydra.sweep.dir=sweep"]
    done = command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "preempted").exists()
    (job,) = (tmp_path / "sweep").glob("0-*")
    run = json.loads((job / "run.json").read_text())
    assert (run["status"], run["metrics"]["epochs"]) == ("finished", 2)
    (part,) = run["resumed"]
    assert (part["status"], part["error"]) == ("interrupted", "interrupted by submitit")
    assert (job / ".hydra" / "config.yaml").is_file()
    text = (job / "train.log").read_text()  # of both attempts
    assert "Interrupted by submitit" in text
    assert "Goes on with its earlier attempt" in text
    assert not (tmp_path / "sweep" / ".unfinished").exists()
