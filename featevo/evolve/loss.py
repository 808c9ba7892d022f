"""The training loss of an epoch so far: Lightning has its mean only after the validation it is recorded with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor


class EpochLoss:
    """The batches' losses, weighted by batch size; their sum stays on the device until asked for."""

    def __init__(self) -> None:
        self._total: Tensor | float = 0.0
        self._count = 0

    def add(self, outputs: Any, batch: Any) -> None:
        """Take in what `training_step` returned: a loss, or a dict with one. Anything else has none to record."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if not isinstance(loss, Tensor):
            return
        size = _batch_size(batch)
        self._total = self._total + loss.detach() * size
        self._count += size

    def sums(self) -> tuple[float, int]:
        """The sum of losses and the number of pictures."""
        return float(self._total), self._count


def mean_loss(sums: Sequence[tuple[float, int]]) -> float | None:
    """The mean of several `EpochLoss.sums` together; None before the first batch."""
    count = sum(number for _, number in sums)
    return sum(total for total, _ in sums) / count if count else None


def _batch_size(batch: Any) -> int:
    first = batch[0] if isinstance(batch, list | tuple) and batch else batch
    return len(first) if isinstance(first, Tensor) and first.ndim else 1
