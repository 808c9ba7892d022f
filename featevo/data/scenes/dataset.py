"""The drawn images as a labelled data set: each is drawn when it is read, always the same, on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import torch
from torch import Tensor

from featevo.data.scenes.draw import draw_scene
from featevo.data.scenes.registry import CLASSES, MOST, class_name, class_names, known, place_of
from featevo.errors import UserError

SPLITS: dict[str, int] = {"train": 0, "val": 1}
SMALLEST = 32
_SEARCHED = 1_000


class Scenes:
    """Drawn images of some classes, equally many of each; consecutive images are of different classes.

    An image depends only on the seed, the split, its class and its number within the class: the splits share no image,
    and an image does not depend on the number of images. Its loose shapes have the colours of the other classes. If
    species are among the other classes, they change nothing else in it.

    Args:
        classes: Names for which `registry.known` is true; a name's index is its label.
        per_class: Images of each class, at least 1.
        image_size: Side in pixels, at least 32.
        seed: Seed of all random choices, at least 0.
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
        self._places = [place_of(name) for name in self.classes]

    def __len__(self) -> int:
        return len(self.classes) * self.per_class

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (3, image_size, image_size) in 0..255, and its label.

        Raises:
            IndexError: If there is no such image; negative indices are not supported.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"image {index} of {len(self)}")
        number, label = divmod(index, len(self.classes))
        name = self.classes[label]
        entropy = [self.seed, SPLITS[self.split], self._places[label], number]
        rng = np.random.default_rng(np.random.SeedSequence(entropy))
        image = draw_scene(name, self.image_size, rng, self.classes)
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), label


def known_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """The names, unchanged.

    Raises:
        UserError: If there are fewer than two, or one is unknown or given twice.
    """
    if isinstance(classes, str):
        raise UserError(f"data.classes is the text {classes!r}; it must be a list, such as [{', '.join(CLASSES[:2])}]")
    seen: set[str] = set()
    for name in classes:
        if not known(str(name)):
            raise UserError(
                f"data.classes names {str(name)!r}, which is not drawn{_nearest(str(name))}; allowed are {_listed()}"
            )
        if name in seen:
            raise UserError(f"data.classes names {name!r} more than once; each class may be named once")
        seen.add(name)
    if len(classes) < 2:
        raise UserError(f"data.classes names {len(classes)} of the classes; at least 2 are needed, out of {_listed()}")
    return tuple(classes)


def at_least(least: int, number: int, key: str) -> int:
    """The number, unchanged.

    Raises:
        UserError: If it is not a whole number of at least `least`; the message names `key`.
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise UserError(f"{key} is {number!r}; it must be a whole number of at least {least}")
    return number


def _nearest(name: str) -> str:
    """Similar names among the named classes and the first species; searching all names would take long."""
    near = get_close_matches(name, class_names(_SEARCHED), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(one) for one in near)}?)" if near else ""


def _listed() -> str:
    species = ", ".join(class_names(3, skip=len(CLASSES)))
    return f"{', '.join(CLASSES)}, {species} and so on to {class_name(MOST - 1)}"
