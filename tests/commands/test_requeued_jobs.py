"""A job that submitit or Slurm starts again takes the folder of its earlier attempt; by submitit without a cluster."""

import json

from tests.processes import SMALL, command

PREEMPTED = """
import os, signal, time
from pathlib import Path
import pytorch_lightning as pl
class Preempted(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        first, second = Path("first"), Path("second")
        if not first.exists():
            first.touch()
            os.kill(os.getpid(), signal.SIGUSR2)  # as a cluster does before it takes the machine away
            time.sleep(60)
        if not second.exists():
            second.touch()
            os.kill(os.getpid(), signal.SIGUSR2)
            time.sleep(60)
"""


def test_a_job_that_is_preempted_twice_is_started_again_and_finishes(tmp_path):
    (tmp_path / "cluster.py").write_text(PREEMPTED)
    words = ["--multirun", *SMALL, "launcher=submitit_local", "seed=0", "logger=none", "evolution=off"]
    words += ["trainer.max_epochs=1", "trainer.callbacks=[{_target_: cluster.Preempted}]", "hydra.sweep.dir=sweep"]
    done = command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "second").exists()
    (job,) = (tmp_path / "sweep").glob("0-*")
    assert json.loads((job / "run.json").read_text())["status"] == "finished"
    assert (job / ".hydra" / "config.yaml").is_file()
    earlier = sorted((tmp_path / "sweep" / ".unfinished").iterdir())
    assert [path.name for path in earlier] == [f"{job.name}-1", f"{job.name}-2"]
    for path in earlier:
        run = json.loads((path / "run.json").read_text())
        assert (run["status"], run["error"]) == ("interrupted", "interrupted by submitit")
    text = (job / "train.log").read_text()  # of all attempts
    assert text.count("Interrupted by submitit") == text.count("Started again; the earlier attempt is in") == 2
