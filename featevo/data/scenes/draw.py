"""One whole picture of a class: background, loose shapes, the object in some pose, something before it, and light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from featevo.data.scenes import clutter
from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.palette import Colour
from featevo.data.scenes.registry import CLASSES, REGISTRY, drawn


def draw_scene(name: str, size: int, rng: np.random.Generator, rivals: Sequence[str] = CLASSES) -> np.ndarray:
    """Draw a picture.

    Args:
        name: A class that `registry.known` knows.
        size: Side in pixels, at least 32.
        rng: Where all chance comes from: the same state draws the same picture.
        rivals: Classes whose colours the loose shapes take (`name` itself is passed over), so that a colour alone
            does not tell the class. Where species are among the classes, the rivals decide these colours and nothing
            else: what is where, and all of the object, is the same for any of them.

    Returns:
        The picture, uint8 (size, size, 3), RGB.
    """
    # With the named classes alone, colours come from the one stream, as they did before there were species. More than
    # four rivals cannot all be named: this looks at few, however many there are.
    named = name in REGISTRY and len(rivals) <= len(REGISTRY) and all(rival in REGISTRY for rival in rivals)
    paint = rng if named else rng.spawn(1)[0]

    def foreign(count: int) -> list[Colour]:
        if not named and name in REGISTRY:
            _foreign(name, rng, CLASSES, count)  # keeps the one stream in step with the picture among named classes
        return _foreign(name, paint, rivals, count)

    made = drawn(name)
    backdrop = clutter.backdrop(rng)
    canvas = Canvas(size, backdrop if made.backdrop is None else made.backdrop(backdrop, rng))
    clutter.scatter(canvas, rng, foreign(int(rng.integers(2, 7))), size=(0.12, 0.4), reach=1.0)
    canvas.place(_pose(rng))
    made.draw(canvas, rng)
    if rng.random() < 0.45:
        clutter.scatter(canvas, rng, foreign(int(rng.integers(1, 3))), size=(0.08, 0.2), reach=0.7)
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
        colours.append(drawn(rival).colour(rng))
    return colours
