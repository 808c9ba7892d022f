"""One whole picture of a class: background, loose shapes, the object in some pose, something before it, and light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from featevo.data.scenes import clutter
from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.palette import Colour
from featevo.data.scenes.registry import CLASSES, REGISTRY


def draw_scene(name: str, size: int, rng: np.random.Generator, rivals: Sequence[str] = CLASSES) -> np.ndarray:
    """Draw a picture.

    Args:
        name: A class, one of `CLASSES`.
        size: Side in pixels, at least 32.
        rng: Where all chance comes from: the same state draws the same picture.
        rivals: Classes whose colours the loose shapes take (`name` itself is passed over), so that a colour alone
            does not tell the class.

    Returns:
        The picture, uint8 (size, size, 3), RGB.
    """
    canvas = Canvas(size, clutter.backdrop(rng))
    clutter.scatter(canvas, rng, _foreign(name, rng, rivals, int(rng.integers(2, 7))), size=(0.12, 0.4), reach=1.0)
    canvas.place(_pose(rng))
    REGISTRY[name].draw(canvas, rng)
    if rng.random() < 0.45:
        clutter.scatter(canvas, rng, _foreign(name, rng, rivals, int(rng.integers(1, 3))), size=(0.08, 0.2), reach=0.7)
    return clutter.light(canvas.pixels(), rng)


def _pose(rng: np.random.Generator) -> Pose:
    """Mostly inside the picture; a large object is often cut by its edge."""
    x, y = rng.uniform(-0.3, 0.3, 2).tolist()
    return Pose(
        x,
        y,
        scale=rng.uniform(0.65, 1.05),
        angle=float(np.clip(rng.normal(0, 0.16), -0.45, 0.45)),
        flip=bool(rng.random() < 0.5),
        stretch=rng.uniform(0.9, 1.12),
    )


def _foreign(name: str, rng: np.random.Generator, rivals: Sequence[str], count: int) -> list[Colour]:
    """`count` colours, each of a class picked from `rivals`; a draw that hits `name` takes the next in the list."""
    colours = []
    for _ in range(count):
        place = int(rng.integers(len(rivals)))
        rival = rivals[place] if rivals[place] != name else rivals[(place + 1) % len(rivals)]
        colours.append(REGISTRY[rival].colour(rng))
    return colours
