"""The state of training at a snapshot: step, metrics and training loss."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
from torch import Tensor

from featevo.evolve.sharding import TrainerRanks
from featevo.evolve.trigger import Trigger
from featevo.record.schema import TrainingState


class EpochLoss:
    """The mean training loss of an epoch so far: Lightning computes it only after the validation.

    The batches' losses are weighted by batch size; their sum stays on the device until `mean`.
    """

    def __init__(self) -> None:
        self._total: Tensor | float = 0.0
        self._count = 0

    def add(self, outputs: Any, batch: Any) -> None:
        """Add the result of `training_step`: a loss, or a dict with one. Anything else has none to record."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if not isinstance(loss, Tensor):
            return
        first = batch[0] if isinstance(batch, list | tuple) and batch else batch
        size = len(first) if isinstance(first, Tensor) and first.ndim else 1
        self._total = self._total + loss.detach() * size
        self._count += size

    def mean(self, ranks: TrainerRanks) -> float | None:
        """The mean over all images of all ranks; None before the first batch, and on ranks other than 0."""
        sums = ranks.gathered(lambda: (float(self._total), self._count))
        count = sum(number for _, number in sums)
        return sum(total for total, _ in sums) / count if count else None


def state_of(trainer: pl.Trainer, trigger: Trigger, monitor: str, train_loss: float | None) -> TrainingState:
    """The state right after a validation, with the metrics that it logged.

    Args:
        trainer: Has the metrics.
        trigger: Its kind is recorded; its mode separates an accuracy from a loss.
        monitor: Name of the monitored metric.
        train_loss: Mean of the epoch so far.
    """
    metrics = trainer.callback_metrics
    found = {name: float(metrics[name]) for name in (monitor, "val_acc", "val_loss") if name in metrics}
    value, accuracy = found.get(monitor), found.get("val_acc")
    # The user's own module may log its accuracy under another name.
    if accuracy is None and value is not None and trigger.mode == "max" and 0 <= value <= 1:
        accuracy = value
    step, loss = trainer.global_step, found.get("val_loss")
    return TrainingState(trainer.current_epoch + 1, step, trigger.kind, accuracy, loss, train_loss, monitor, value)


def logged_step(trainer: pl.Trainer) -> int:
    """The step under which Lightning logs metrics now; its own callbacks read the same counter."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped
