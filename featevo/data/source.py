"""The interface of a data source: two sets of labelled images, and the names of their classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


class Images(Protocol):
    """Labelled images, read or drawn one at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (C, H, W) in 0..255, and its class index."""
        ...


@dataclass(frozen=True)
class Splits:
    """Disjoint training and validation images, and class names in index order."""

    train: Images
    val: Images
    classes: Sequence[str]


class Source(Protocol):
    """Any class with `splits`; `conf/data/*.yaml` names one as `data.source._target_`.

    Its constructor gets the other keys of `data.source` (for example `image_size: ${data.image_size}`).
    """

    def splits(self) -> Splits:
        """Find or prepare the images; raises `UserError` if this is not possible."""
        ...


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which classes, and in which form: common to all shipped sources except the drawn scenes.

    Arguments are first checked in `splits`: Hydra would wrap an error of the constructor, and hide its line.

    Args:
        num_classes: take the first so many classes.
        classes: take these classes, in this order. With neither, all are taken.
        image_size: side of the square images, in pixels.
        channels: 3 for RGB, 1 for grey.
    """

    num_classes: int | None
    classes: list[str] | None
    image_size: int
    channels: int = 3


@dataclass(frozen=True, kw_only=True)
class SplitFolder(Selection):
    """A folder whose images are split into training and validation by featevo.

    Args:
        root: the folder; `~` is expanded. None raises when `splits` is called.
        val_size: how many images validate, see `featevo.data.split.split`.
        seed: chooses which images validate.
    """

    root: str | None
    val_size: int | float
    seed: int
