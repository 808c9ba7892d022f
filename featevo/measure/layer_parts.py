"""Thirds of a network's layers, for measures that have a value for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from torch import Tensor

PARTS = ("early", "middle", "late")
"""Thirds of the network's convolutions and linear layers."""

Layers = TypeVar("Layers", Sequence[float], Tensor)


def check_part(part: str) -> None:
    """Raise a `ValueError` for another part."""
    if part not in PARTS:
        raise ValueError(f"part={part}: allowed are {', '.join(PARTS)}")


def of_part(layers: Layers, part: str) -> Layers:
    """Those of a part, of what is ordered by layer from the first to the last; at least one of the first part."""
    third = PARTS.index(part)
    return layers[len(layers) * third // 3 : max(len(layers) * (third + 1) // 3, 1)]
