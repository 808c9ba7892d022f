"""A run for `test_resuming.py` that ends without a word: `python -m tests.tracking.interrupted FOLDER KIND ...`."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from pytorch_lightning.loggers import WandbLogger

from featevo.tracking.metrics import MetricsTable
from featevo.tracking.reopening import identities
from featevo.tracking.trackers import drain, guarded, notify
from tests.tracking.parts import MEASURES, made, snapshot_of

STEPS = 10


def logs_epoch(loggers, epoch):
    """What Lightning logs in an epoch: the learning rate first and without epoch, then two calls with one step."""
    step = STEPS * epoch - 1
    for logger in loggers:
        logger.log_metrics(metrics={"lr": 1 / epoch}, step=step - STEPS + 1)
        logger.log_metrics(metrics={"val_acc": epoch / 10, "epoch": epoch - 1}, step=step)
        logger.log_metrics(metrics={"train_loss": 1 / epoch, "epoch": epoch - 1}, step=step)


def write_out(run):
    """W&B writes in blocks: a long value makes it write what came before."""
    (file,) = Path(run.dir).parent.glob("*.wandb")
    run.config.update({"long": "x" * 2**17})
    while file.stat().st_size < 2**17:
        time.sleep(0.05)


def main(folder, kinds):
    """The tracker misses epoch 3, which the record has, and has a part of epoch 4, which the record has not."""
    table = MetricsTable(folder)
    loggers = [guarded(made(kind, folder)) for kind in kinds]
    (folder / "run.json").write_text(json.dumps({"trackers": identities(loggers)}))
    for epoch in (1, 2, 3):
        logs_epoch([table, *(loggers if epoch < 3 else [])], epoch)
        if epoch > 1:
            taken = snapshot_of(folder, measures=MEASURES, epoch=epoch)
            notify(loggers if epoch < 3 else [], taken, STEPS * epoch - 1)
    for logger in loggers:
        logger.log_hyperparams({"trainer": {"max_epochs": 4}})
        logger.log_metrics(metrics={"lr": 0.25}, step=3 * STEPS)
        logger.log_metrics(metrics={"val_acc": 0.4, "epoch": 3}, step=4 * STEPS - 1)
        logger.save()
    drain(loggers)
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            write_out(logger.experiment)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
