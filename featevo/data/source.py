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


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the shipped sources but the drawn scenes have in common: which classes, and how pictures are given out.

    Nothing is checked before `splits`: Hydra would wrap the error in its own, and the user's line would be lost.

    Args:
        num_classes: take the first so many classes.
        classes: take these classes, in this order. With neither, all are taken.
        image_size: side of the square pictures, in pixels.
        channels: 3 gives RGB, 1 gives grey.
    """

    num_classes: int | None
    classes: list[str] | None
    image_size: int
    channels: int = 3


@dataclass(frozen=True, kw_only=True)
class SplitFolder(Selection):
    """A folder whose pictures are divided here.

    Args:
        root: the folder; `~` is expanded. None raises when `splits` is called.
        val_size: a whole number >= 1 is how many pictures validate in all, shared out in proportion to class sizes; a
            fraction in (0, 1) is taken of every class by itself.
        seed: chooses which pictures validate. The choice within a class depends on this and the file names in that
            class alone, and a larger share contains every smaller one.
    """

    root: str | None
    val_size: int | float
    seed: int
