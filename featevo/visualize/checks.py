"""Checks of settings: each raises `ValueError` with the setting's name, its value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from numbers import Integral
from typing import TypeVar

from featevo.visualize.schedule import Setting, least, most

Each = TypeVar("Each")


def check_positive(**settings: Setting | None) -> None:
    """Require that each setting is finite and above 0, or None."""
    for name, value in settings.items():
        if value is None:
            continue
        try:
            is_positive, is_finite = least(value) > 0, most(value) < math.inf
        except TypeError as error:
            raise ValueError(f"{name}={value!r}: must be a number") from error
        if not is_positive or not is_finite:
            raise ValueError(f"{name}={value}: must be {'finite' if is_positive else 'above 0'}")


def check_whole(**settings: int | None) -> None:
    """Require that each setting is a whole number, or None."""
    for name, value in settings.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, Integral)):
            raise ValueError(f"{name}={value!r}: must be a whole number")


def check_count(**settings: int | None) -> None:
    """Require that each setting is a whole number above 0, or None."""
    check_whole(**settings)
    check_positive(**settings)


def listed(name: str, values: Iterable[Each], kind: Callable[[Each], Each], what: str) -> tuple[Each, ...]:
    """The values of a setting that has several, each made of this kind.

    Raises:
        ValueError: For a single value, text, or values of another kind; it says that these must be a list of `what`.
    """
    if not isinstance(values, str):
        with suppress(TypeError, ValueError, OverflowError):
            return tuple(kind(value) for value in values)
    raise ValueError(f"{name}={values!r}: must be a list of {what}")


def numbers(name: str, values: Iterable[float]) -> tuple[float, ...]:
    """The numbers of a setting that may have one per channel; raises `ValueError` for anything else."""
    return listed(name, values, float, "numbers, such as [0.5]")


def height_and_width(image_size: int | tuple[int, int]) -> tuple[int, int]:
    """The height and width of images from the side of square ones, or from both.

    Raises:
        ValueError: Unless these are one or two whole numbers above 0.
    """
    sizes = tuple(image_size) if isinstance(image_size, tuple | list) else (image_size, image_size)
    if len(sizes) != 2 or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ValueError(f"image_size={image_size}: give a side above 0 in pixels, or (height, width)")
    height, width = sizes
    return height, width


def check_choice(choices: Collection[str], **settings: str) -> None:
    """Require that each setting is one of the choices."""
    for name, value in settings.items():
        if value not in choices:
            raise ValueError(f"{name}={value!r}: use one of {', '.join(choices)}")


def check_normalisation(channels: int, mean: Sequence[float], std: Sequence[float]) -> None:
    """Require one finite number, or one per channel, for `mean` and `std`, and positive numbers for `std`."""
    for name, values in (("mean", mean), ("std", std)):
        if len(numbers(name, values)) not in (1, channels):
            raise ValueError(f"{name}={tuple(values)}: give one number, or one for each of {channels} channels")
    if not all(map(math.isfinite, mean)):
        raise ValueError(f"mean={tuple(mean)}: must be finite")
    check_positive(**{f"std[{index}]": value for index, value in enumerate(std)})
