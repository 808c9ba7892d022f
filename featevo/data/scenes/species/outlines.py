"""Outlines of bodies and their parts, each (n, 2) in the frame."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Point, curve

_TURN = np.linspace(0.0, 2.0 * pi, 32, endpoint=False)
_UNIT = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


def oval(centre: Point, radii: Point, angle: float = 0.0, power: float = 2.0) -> np.ndarray:
    """An ellipse rotated by `angle`; `power` above 2: closer to a box, 1: a diamond, below 1: with concave sides."""
    outline = _UNIT if power == 2.0 else np.sign(_UNIT) * np.abs(_UNIT) ** (2.0 / power)
    return turned(outline * radii, angle) + centre


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """The points rotated by `angle` radians about the frame's centre, clockwise on the screen."""
    across, up = cos(angle), sin(angle)
    return points @ np.array([[across, up], [-up, across]])


def lathe(heights: Sequence[float], halves: Sequence[float], smooth: bool = True) -> np.ndarray:
    """An outline symmetric about the vertical axis; `halves` are half its widths at `heights`, from the top down."""
    side = [(half, height) for height, half in zip(heights, halves, strict=True)]
    right = curve(side, 4) if smooth else np.array(side)
    return np.concatenate([right, right[::-1] * (-1.0, 1.0)])


def star(centre: Point, rays: int, outer: float, inner: float, angle: float = 0.0) -> np.ndarray:
    """A star with `rays` tips at radius `outer`, and notches between them at radius `inner`."""
    turn = angle + np.arange(2 * rays) * (pi / rays)
    reach = np.where(np.arange(2 * rays) % 2 == 0, outer, inner)
    return np.stack([centre[0] + reach * np.cos(turn), centre[1] + reach * np.sin(turn)], axis=1)


def blade(base: Point, angle: float, length: float, width: float, kind: str = "leaf") -> np.ndarray:
    """A leaf, petal or feather from `base` in the direction `angle`.

    Args:
        base: Its start.
        angle: Its direction in radians: 0 to the right, pi/2 down.
        length: From the base to the tip.
        width: Half its greatest width.
        kind: "leaf" (pointed at both ends), "petal" (round), "heart" (notched tip), "spike", "strap" or "saw".
    """
    t = np.linspace(0.0, 1.0, 9)
    half = {
        "leaf": np.sin(pi * t),
        "petal": np.sin(pi * t**1.7) ** 0.6,
        "heart": np.sin(pi * t**1.7) ** 0.6,
        "spike": 1.0 - t,
        "strap": np.minimum(1.0, 4.0 * (1.0 - t)),
        "saw": np.sin(pi * t) * np.where(np.arange(9) % 2 == 0, 0.6, 1.25),
    }[kind]
    reach = t * length
    upper, lower = np.stack([reach, half * width], axis=1), np.stack([reach, -half * width], axis=1)[::-1]
    if kind == "heart":
        upper[-1], lower[0] = (0.82 * length, 0.0), (0.82 * length, 0.0)
    return turned(np.concatenate([upper, lower]), angle) + base


def box(left: float, top: float, right: float, bottom: float, lean: float = 0.0) -> np.ndarray:
    """A box whose upper edge is shorter than the lower by `lean` on each side."""
    return np.array([(left + lean, top), (right - lean, top), (right, bottom), (left, bottom)])
