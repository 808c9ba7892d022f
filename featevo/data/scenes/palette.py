"""Colours for drawing: random within ranges of hue, saturation and value, lightened, darkened and mixed."""

from __future__ import annotations

from collections.abc import Sequence
from colorsys import hsv_to_rgb
from typing import NamedTuple

import numpy as np

Colour = tuple[int, int, int]


class Shades(NamedTuple):
    """A family of colours: ranges of colours, and how often they are picked.

    Attributes:
        weight: How often this family is picked, relative to the other families.
        hue: Lowest and highest hue in turns (0 and 1 are red, 1/3 green, 2/3 blue); may pass 0 or 1.
        saturation: Lowest and highest saturation, 0 (grey) to 1.
        value: Lowest and highest value, 0 (black) to 1.
    """

    weight: float
    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """RGB in 0..255 of a hue in turns (any number; only its fraction counts), a saturation and a value in 0..1."""
    red, green, blue = hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return round(red * 255), round(green * 255), round(blue * 255)


def pick(rng: np.random.Generator, families: Sequence[Shades]) -> Colour:
    """A random colour: first a family by weight, then uniform within its ranges."""
    left = rng.random() * sum(family.weight for family in families)
    chosen = families[-1]
    for family in families:
        left -= family.weight
        if left < 0:
            chosen = family
            break
    ranges = (chosen.hue, chosen.saturation, chosen.value)
    hue, saturation, value = (low + (high - low) * t for (low, high), t in zip(ranges, rng.random(3), strict=True))
    return hsv(hue, saturation, value)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two: `first` at share 0, `second` at share 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float) -> Colour:
    """The colour mixed with black; share in 0..1."""
    return mix(colour, (0, 0, 0), share)


def lighter(colour: Colour, share: float) -> Colour:
    """The colour mixed with white; share in 0..1."""
    return mix(colour, (255, 255, 255), share)
