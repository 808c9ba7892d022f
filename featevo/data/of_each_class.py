"""Some images of each class of a data set, the same ones at every call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import torch

T = TypeVar("T")


def of_each_class(
    read: Callable[[int], tuple[T, int]], count: int, classes: int, per_class: int, searched: int
) -> list[tuple[T, int]]:
    """Read images in a fixed random order until there are enough of each class.

    Args:
        read: From a place to an image and its class.
        count: Number of images in the data set.
        classes: Number of classes.
        per_class: Most images of each class.
        searched: Most images that are read for each one that is needed; a rare class may then have fewer.
    """
    # In random order: data sets have their classes one after the other, or in turns.
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0)).tolist()
    wanted, most = Counter(dict.fromkeys(range(classes), per_class)), per_class * classes
    found: list[tuple[T, int]] = []
    for place in order[: searched * most]:
        image, label = read(place)
        if wanted[label] > 0:
            wanted[label] -= 1
            found.append((image, label))
        if len(found) == most:
            break
    return found
