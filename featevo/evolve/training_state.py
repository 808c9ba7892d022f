"""The state of training: when, and how well the network does then, as Lightning knows it."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl

from featevo.evolve.trigger import Trigger
from featevo.record.schema import TrainingState


def state_of(
    trainer: pl.Trainer, epoch: int, trigger: Trigger, monitor: str, train_loss: float | None
) -> TrainingState:
    """The state right after a validation, with the metrics that it logged.

    Args:
        trainer: Has the metrics.
        epoch: Counted from 1.
        trigger: Whose kind is recorded; its mode tells an accuracy from a loss.
        monitor: Name of the metric that decides.
        train_loss: Mean of the epoch so far.
    """
    value, accuracy, loss = (_number(trainer.callback_metrics.get(name)) for name in (monitor, "val_acc", "val_loss"))
    # A project of one's own may call its accuracy otherwise.
    if accuracy is None and value is not None and trigger.mode == "max" and 0 <= value <= 1:
        accuracy = value
    return TrainingState(epoch, trainer.global_step, trigger.kind, accuracy, loss, train_loss, monitor, value)


def unmeasured(trainer: pl.Trainer, monitor: str, train_loss: float | None) -> TrainingState:
    """The end of a training whose last steps no validation has seen."""
    return TrainingState(
        trainer.current_epoch, trainer.global_step, "last_epoch", train_loss=train_loss, monitor=monitor
    )


def logged_step(trainer: pl.Trainer) -> int:
    """The step under which Lightning logs the metrics of this moment; its own callbacks read the same counter."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
