"""One image of a class: background, loose shapes, the object in a random pose, shapes in front of it, and light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from featevo.data.scenes import clutter
from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.palette import Colour
from featevo.data.scenes.registry import CLASSES, REGISTRY, drawn


def draw_scene(name: str, size: int, rng: np.random.Generator, rivals: Sequence[str] = CLASSES) -> np.ndarray:
    """Draw an image.

    Args:
        name: A class for which `registry.known` is true.
        size: Side in pixels, at least 32.
        rng: Source of all random choices: the same state gives the same image.
        rivals: Other classes, whose colours the loose shapes have, so that colour alone does not identify the class;
            `name` itself is not used. If species are among the classes, the rivals affect only these colours: the
            object and all positions are the same for any rivals.

    Returns:
        The image, uint8 (size, size, 3), RGB.
    """
    # With named classes only, `rng` also draws the colours, as in earlier versions without species. More than four
    # rivals cannot all be named classes, so their number is checked first, which is fast for long lists.
    named = name in REGISTRY and len(rivals) <= len(REGISTRY) and all(rival in REGISTRY for rival in rivals)
    paint = rng if named else rng.spawn(1)[0]

    def foreign(count: int) -> list[Colour]:
        if not named and name in REGISTRY:
            _foreign(name, rng, CLASSES, count)  # so that `rng` gives the same further draws as with named classes only
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
    """A random pose, mostly inside the image; the edge often cuts a large object."""
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
    """`count` colours, each of a random class of `rivals`; instead of `name`, the next one in the list is used."""
    colours = []
    for _ in range(count):
        place = int(rng.integers(len(rivals)))
        rival = rivals[place] if rivals[place] != name else rivals[(place + 1) % len(rivals)]
        colours.append(drawn(rival).colour(rng))
    return colours
