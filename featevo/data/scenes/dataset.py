"""The drawn pictures as a labelled set: drawn when asked for, the same on every machine and at every asking."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import torch
from torch import Tensor

from featevo.data.scenes.draw import draw_scene
from featevo.data.scenes.registry import CLASSES, REGISTRY
from featevo.errors import UserError

SPLITS: dict[str, int] = {"train": 0, "val": 1}
SMALLEST = 32


class Scenes:
    """Drawn pictures of some classes, equally many of each, the classes taking turns.

    A picture is drawn from the seed, the split, its class and its number within the class alone: the splits share no
    picture, and a picture does not depend on how many others there are.

    Args:
        classes: Names out of `CLASSES`; a name's place here is its label.
        per_class: Pictures of each class, at least 1.
        image_size: Side in pixels, at least 32.
        seed: Where all chance comes from, at least 0.
        split: "train" or "val".

    Raises:
        UserError: If an argument is not allowed.
    """

    def __init__(self, classes: Sequence[str], per_class: int, image_size: int, seed: int, split: str) -> None:
        if split not in SPLITS:
            raise UserError(f"split is {split!r}; allowed are {', '.join(SPLITS)}")
        self.classes = known_classes(classes)
        self.per_class = at_least(1, per_class, f"data.source.{split}_per_class")
        self.image_size = at_least(SMALLEST, image_size, "data.image_size")
        self.seed = at_least(0, seed, "seed")
        self.split = split

    def __len__(self) -> int:
        return len(self.classes) * self.per_class

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (3, image_size, image_size) in 0..255, and its label.

        Raises:
            IndexError: If there is no such picture; negative numbers are not taken.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"picture {index} of {len(self)}")
        number, label = divmod(index, len(self.classes))
        name = self.classes[label]
        entropy = [self.seed, SPLITS[self.split], CLASSES.index(name), number]
        rng = np.random.default_rng(np.random.SeedSequence(entropy))
        picture = draw_scene(name, self.image_size, rng, self.classes)
        return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))), label


def known_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """The names as they are, at least two, each known and given once.

    Raises:
        UserError: If they are not.
    """
    if isinstance(classes, str):
        raise UserError(f"data.classes is the text {classes!r}; it must be a list, such as [{', '.join(CLASSES[:2])}]")
    for name in classes:
        if name not in REGISTRY:
            near = get_close_matches(str(name), CLASSES, n=1, cutoff=0.5)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise UserError(f"data.classes names {str(name)!r}, which is not drawn{hint}; allowed are {_listed()}")
    for place, name in enumerate(classes):
        if name in classes[:place]:
            raise UserError(f"data.classes names {name!r} more than once; each class may be named once")
    if len(classes) < 2:
        raise UserError(f"data.classes names {len(classes)} of the classes; at least 2 are needed, out of {_listed()}")
    return tuple(classes)


def at_least(least: int, number: int, key: str) -> int:
    """The number as it is, if it is a whole one of at least `least`.

    Raises:
        UserError: If it is not; the message names `key`.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise UserError(f"{key} is {number!r}; it must be a whole number of at least {least}")
    return number


def _listed() -> str:
    shown = ", ".join(CLASSES[:12])
    return shown if len(CLASSES) <= 12 else f"{shown} and {len(CLASSES) - 12} more"
