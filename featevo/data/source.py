"""What a data source is: two sets of labelled pictures and the names of their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


class Pictures(Protocol):
    """Labelled pictures, read or drawn one at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (C, H, W) in 0..255, and its class index."""
        ...


@dataclass(frozen=True)
class Splits:
    """What a source gives: disjoint training and validation pictures, and class names in index order."""

    train: Pictures
    val: Pictures
    classes: Sequence[str]


class Source(Protocol):
    """Anything that can be asked for its pictures; `conf/data/*.yaml` names one as `data.source._target_`.

    Its constructor takes what the file gives it (for example `image_size: ${data.image_size}`).
    """

    def splits(self) -> Splits:
        """Find or prepare the pictures; raises `UserError` where they cannot be had."""
        ...
