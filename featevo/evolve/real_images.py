"""Real images of a user's own data set, as the views and measures need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from featevo.data.of_each_class import of_each_class
from featevo.views.isolation import isolated
from featevo.views.view import RealImages
from featevo.visualize.checks import height_and_width

SEARCHED = 20
"""Images that are read for each one that is needed; rare classes may have fewer images than asked for."""

OVERSHOOT = 0.05
"""By so much may resized images leave the range 0..1."""


def real_images(given: Any, classes: int, *about: Any) -> RealImages | None:
    """The function that views and measures use: the given one, or `DatasetImages` with these arguments.

    Raises:
        ValueError: For anything but a function or a data set.
    """
    if given is None or not classes or (callable(given) and not hasattr(given, "__getitem__")):
        return given
    if not (hasattr(given, "__len__") and hasattr(given, "__getitem__")):
        raise ValueError(f"real={type(given).__name__}: give a data set with a length and entries, or a function")
    return DatasetImages(given, classes, *about)


class DatasetImages:
    """Images of each class from a data set of a user's own Lightning project, always the same ones.

    They are read in a fixed random order, outside of training's random streams.

    Args:
        dataset: Has a length and entries (image, label): images (C, H, W) as the module's `forward` takes them, or
            uint8; labels are whole numbers.
        classes: Number of classes.
        size: Side of square images in pixels, or (height, width).
        mean: Per channel, one or all: added to floating-point images after `std`.
        std: Per channel, one or all: multiplies floating-point images.
    """

    def __init__(
        self, dataset: Any, classes: int, size: int | tuple[int, int], mean: Sequence[float], std: Sequence[float]
    ) -> None:
        self._dataset, self._classes, self._size = dataset, classes, height_and_width(size)
        self._mean, self._std = (torch.tensor(values).view(-1, 1, 1) for values in (mean, std))

    def __call__(self, per_class: int) -> tuple[Tensor, Tensor]:
        """At most so many images of each class (N, C, H, W) in 0..1, and their classes (N,).

        Raises:
            ValueError: For entries of another kind, or images that `mean` and `std` do not bring to 0..1.
        """
        with isolated():
            found = of_each_class(self._entry, len(self._dataset), self._classes, per_class, SEARCHED)
        images = [self._in_range(image, place) for (image, place), _ in found]
        return torch.stack(images), torch.tensor([label for _, label in found])

    def _entry(self, place: int) -> tuple[tuple[Tensor, int], int]:
        """An image with its place, and its class."""
        entry = self._dataset[place]
        try:
            image, label = entry[0], int(entry[1])
        except (TypeError, ValueError, KeyError, IndexError, RuntimeError) as error:
            raise ValueError("real: entries of the data set must be (image, label), labels whole numbers") from error
        if not isinstance(image, Tensor) or image.ndim != 3 or tuple(image.shape[1:]) != self._size:
            found = f"of shape {tuple(image.shape)}" if isinstance(image, Tensor) else f"a {type(image).__name__}"
            height, width = self._size
            raise ValueError(
                f"real: image {place} is {found}; a tensor (channels, {height}, {width}) is needed, as image_size says"
            )
        if not 0 <= label < self._classes:
            raise ValueError(f"real: image {place} has label {label}, but there are {self._classes} classes")
        return (image, place), label

    def _in_range(self, image: Tensor, place: int) -> Tensor:
        if not image.is_floating_point():
            return image.float() / 255
        shown = image.float().cpu() * self._std + self._mean
        low, high = float(shown.min()), float(shown.max())
        if not (low >= -OVERSHOOT and high <= 1 + OVERSHOOT):
            raise ValueError(
                f"real: image {place} times std plus mean has values {low:.2f} to {high:.2f}, not 0 to 1; "
                "mean and std must be those that the data set subtracted and divided by"
            )
        return shown.clamp(0, 1)
