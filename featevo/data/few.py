"""A small share of a data set for quick studies: equally many images of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from featevo.errors import UserError

T = TypeVar("T")


def few(
    images: Sequence[tuple[T, int]], per_class: int | None, classes: Sequence[str], seed: int, key: str
) -> Sequence[tuple[T, int]]:
    """Choose images at random, equally many of each class; they stay in their order.

    The choice within a class depends only on the seed and on how many images the class has. A larger choice contains
    every smaller one.

    Args:
        images: anything, with the indices of their classes.
        per_class: how many of each class; None: all images.
        classes: the classes' names in index order, for the message.
        seed: of the choice, at least 0.
        key: the setting that has `per_class`, for the message.

    Raises:
        UserError: if `per_class` is no whole number of images that every class has.
    """
    if per_class is None:
        return images
    labels = np.array([label for _, label in images])
    places = [np.flatnonzero(labels == label) for label in range(len(classes))]
    rarest = min(range(len(classes)), key=lambda label: len(places[label]))
    most = len(places[rarest])
    if type(per_class) is not int or not 1 <= per_class <= most:  # a bool is an int, but no number of images
        raise UserError(
            f"{key}={per_class}: must be null for all, or from 1 to {most}, the images of {classes[rarest]}"
        )
    chosen = [found[np.random.default_rng(seed).permutation(len(found))[:per_class]] for found in places]
    return [images[place] for place in np.sort(np.concatenate(chosen))]
