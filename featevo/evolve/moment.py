"""A moment of training: when, and how well the network does then, as Lightning knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl

from featevo.evolve.trigger import Trigger


@dataclass(frozen=True)
class Moment:
    """When in training a snapshot is taken, and how well the network does then.

    Attributes:
        epoch: Completed passes over the training set; 0 is before training.
        step: Completed optimizer steps.
        trigger: "improvement", "every_epoch", "every_n", "before_training" or "last_epoch".
        val_acc: Validation accuracy in 0..1, None where not measured.
        val_loss: Validation loss, None where not measured.
        train_loss: Mean training loss of the epoch, None where not measured.
        monitor: Name of the metric that decides when to draw.
        value: Its value, None where not measured.
    """

    epoch: int
    step: int
    trigger: str
    val_acc: float | None = None
    val_loss: float | None = None
    train_loss: float | None = None
    monitor: str | None = None
    value: float | None = None


def moment_of(trainer: pl.Trainer, epoch: int, trigger: Trigger, monitor: str, train_loss: float | None) -> Moment:
    """The moment right after a validation, with the metrics that it logged.

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
    return Moment(epoch, trainer.global_step, trigger.kind, accuracy, loss, train_loss, monitor, value)


def unmeasured(trainer: pl.Trainer, monitor: str, train_loss: float | None) -> Moment:
    """The end of a training whose last steps no validation has seen."""
    return Moment(trainer.current_epoch, trainer.global_step, "last_epoch", train_loss=train_loss, monitor=monitor)


def logged_step(trainer: pl.Trainer) -> int:
    """The step under which Lightning logs the metrics of this moment; its own callbacks read the same counter."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
