"""A pool table, seen from above one of its long sides: a wooden frame on legs, felt, pockets, balls, often a cue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point
from featevo.data.scenes.palette import Colour, Shades, darker, hsv, lighter, pick

_FELT = (
    Shades(4.0, (0.36, 0.46), (0.7, 1.0), (0.4, 0.7)),
    Shades(4.0, (0.55, 0.64), (0.6, 0.95), (0.4, 0.85)),
    Shades(1.5, (-0.03, 0.02), (0.6, 0.9), (0.45, 0.8)),
    Shades(0.8, (0.72, 0.82), (0.45, 0.8), (0.4, 0.7)),
    Shades(0.7, (0.08, 0.12), (0.3, 0.5), (0.5, 0.8)),
)
_WOOD = (
    Shades(4.0, (0.03, 0.08), (0.5, 0.85), (0.25, 0.6)),
    Shades(1.0, (0.08, 0.11), (0.35, 0.6), (0.6, 0.85)),
    Shades(1.0, (0.0, 1.0), (0.0, 0.15), (0.08, 0.3)),
)
_BALL_HUES = (0.13, 0.6, 0.0, 0.78, 0.06, 0.38, 0.98)

Plane = Callable[[float, float], Point]


def colour(rng: np.random.Generator) -> Colour:
    """A typical colour of pool tables."""
    return pick(rng, _WOOD if rng.random() < 0.3 else _FELT)


def draw(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw a pool table into the canvas's frame."""
    felt, wood = pick(rng, _FELT), pick(rng, _WOOD)
    far, tall, skew = rng.uniform(0.55, 0.95), rng.uniform(0.36, 0.58), rng.uniform(-0.2, 0.2)

    def at(u: float, v: float) -> Point:
        """The frame's point for a point of the table: u along the near side, v from the far side, both -1..1."""
        width = far + (1.0 - far) * (v + 1.0) / 2
        return 0.92 * u * width - skew * v, tall * v - 0.1

    _stand(canvas, rng, at, wood)
    canvas.polygon([at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)], wood)
    canvas.polygon([at(-0.95, -0.92), at(0.95, -0.92), at(0.95, 0.92), at(-0.95, 0.92)], lighter(wood, 0.18))
    canvas.polygon([at(-0.87, -0.8), at(0.87, -0.8), at(0.87, 0.8), at(-0.87, 0.8)], darker(felt, 0.35))
    canvas.polygon([at(-0.83, -0.72), at(0.83, -0.72), at(0.83, 0.76), at(-0.83, 0.76)], felt)
    canvas.polygon([at(-0.6, -0.72), at(0.1, -0.72), at(-0.2, 0.76), at(-0.83, 0.76)], lighter(felt, 0.5), opacity=0.2)
    for u in (-0.87, 0.0, 0.87):
        for v in (-0.8, 0.82):
            canvas.ellipse(at(u, v), (0.085, 0.07), (12, 10, 10))
    _balls(canvas, rng, at)
    if rng.random() < 0.6:
        _cue(canvas, rng, at)


def _stand(canvas: Canvas, rng: np.random.Generator, at: Plane, wood: Colour) -> None:
    """The board under the near side, and the legs."""
    drop = rng.uniform(0.1, 0.2)
    (left, y), (right, _) = at(-1, 1), at(1, 1)
    for x in (left + 0.1, right - 0.1):
        canvas.stroke([(x, y), (x, min(y + 0.45, 0.95))], (0.16, 0.1), darker(wood, 0.45))
    canvas.polygon([(left, y), (right, y), (right - 0.03, y + drop), (left + 0.03, y + drop)], darker(wood, 0.3))


def _balls(canvas: Canvas, rng: np.random.Generator, at: Plane) -> None:
    """A triangle of balls or loose balls, and the white one; nearer balls cover farther ones."""
    radius = rng.uniform(0.062, 0.08)
    spots: list[tuple[float, float, Colour]] = []
    if rng.random() < 0.35:
        middle = rng.uniform(0.1, 0.4)
        for row in range(4):
            for place in range(row + 1):
                hue = _BALL_HUES[int(rng.integers(7))]
                spots.append((middle + 0.12 * row, (place - row / 2) * 0.27, hsv(hue, 0.9, 0.9)))
    else:
        for _ in range(int(rng.integers(4, 9))):
            hue = _BALL_HUES[int(rng.integers(7))]
            dark = rng.random() < 0.15
            spots.append(
                (rng.uniform(-0.72, 0.72), rng.uniform(-0.55, 0.6), (18, 18, 20) if dark else hsv(hue, 0.9, 0.92))
            )
    spots.append((rng.uniform(-0.7, -0.1), rng.uniform(-0.5, 0.5), (250, 248, 238)))
    for u, v, ball in sorted(spots, key=lambda spot: spot[1]):
        x, y = at(u, v)
        canvas.ellipse((x + 0.02, y + radius * 0.6), (radius * 1.05, radius * 0.6), (0, 0, 0), opacity=0.4)
        canvas.disc((x, y), radius, ball)
        canvas.disc((x - radius * 0.3, y - radius * 0.35), radius * 0.32, lighter(ball, 0.75))


def _cue(canvas: Canvas, rng: np.random.Generator, at: Plane) -> None:
    """A cue across the table or over its edge, with its tip on the felt."""
    tip = np.array(at(rng.uniform(-0.4, 0.2), rng.uniform(-0.3, 0.4)))
    turn = rng.uniform(-0.7, 0.7)
    end = tip + np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(0.9, 1.3)
    grip = tip + (end - tip) * 0.62
    canvas.stroke(np.stack([tip, grip]), (0.03, 0.05), (232, 200, 140))
    canvas.stroke(np.stack([grip, end]), (0.055, 0.075), (70, 34, 20))
    canvas.disc((float(tip[0]), float(tip[1])), 0.025, (60, 120, 200))
