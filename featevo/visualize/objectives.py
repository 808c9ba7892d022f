"""Objectives: what is maximised. One objective names many units; each render climbs one of them.

An objective is any object with `units` and a call from (model, pictures (B, C, H, W), units (B,)) to one value per
picture, where picture b is asked for unit `units[b]` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from torch import Tensor, nn


class Objective(Protocol):
    """What `maximize` climbs."""

    @property
    def units(self) -> Sequence[int]: ...

    def __call__(self, model: nn.Module, pictures: Tensor, units: Tensor, /) -> Tensor: ...


class ClassLogit:
    """The logit of a class: the activation of its unit in the last layer, before softmax (a_i(x) in section III).

    Args:
        units: Class indices, each drawn once.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, units: Iterable[int]) -> None:
        self.units: tuple[int, ...] = tuple(units)
        if not self.units or min(self.units) < 0:
            raise ValueError(f"units={list(self.units)}: name at least one class index, counted from 0")

    def __call__(self, model: nn.Module, pictures: Tensor, units: Tensor) -> Tensor:
        """Logits (B,) of the wanted classes.

        Raises:
            ValueError: When the model does not answer with one row of logits per picture, or has no such class.
        """
        logits = class_logits(model, pictures)
        if int(units.max()) >= logits.shape[1]:
            raise ValueError(
                f"unit {int(units.max())} does not exist: the model has classes 0 to {logits.shape[1] - 1}"
            )
        return logits.gather(1, units[:, None]).squeeze(1)


def class_logits(model: nn.Module, pictures: Tensor) -> Tensor:
    """The model's logits (B, K) for pictures (B, C, H, W).

    Raises:
        ValueError: When it answers with anything else.
    """
    logits = model(pictures)
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(pictures):
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"the model answers {shape} for {len(pictures)} pictures, not ({len(pictures)}, classes)")
    return logits
