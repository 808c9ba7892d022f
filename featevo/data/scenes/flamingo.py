"""A flamingo, seen from the side: a long curved neck, a bent beak with a black tip, a wing, long thin legs."""

from __future__ import annotations

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import Colour, Shades, darker, lighter, mix, pick

_FEATHERS = (
    Shades(7.0, (0.90, 0.985), (0.4, 0.8), (0.8, 1.0)),
    Shades(1.5, (-0.01, 0.06), (0.35, 0.75), (0.8, 1.0)),
    Shades(1.2, (0.9, 1.05), (0.03, 0.22), (0.8, 1.0)),
    Shades(0.8, (0.08, 0.13), (0.25, 0.6), (0.85, 1.0)),
)
_LEGS = (
    Shades(3.0, (0.9, 1.02), (0.4, 0.85), (0.6, 0.95)),
    Shades(1.0, (0.05, 0.12), (0.2, 0.7), (0.5, 0.9)),
)
# The neck from the shoulder to the head, of an upright and of a feeding flamingo.
_UPRIGHT: tuple[Point, ...] = (
    (-0.28, 0.0),
    (-0.58, -0.06),
    (-0.52, -0.38),
    (-0.26, -0.58),
    (-0.36, -0.86),
    (-0.6, -0.84),
)
_FEEDING: tuple[Point, ...] = ((-0.28, -0.02), (-0.6, -0.3), (-0.86, -0.16), (-0.8, 0.2), (-0.62, 0.46), (-0.68, 0.66))


def colour(rng: np.random.Generator) -> Colour:
    """A typical colour of flamingos."""
    return pick(rng, _FEATHERS)


def draw(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw a flamingo into the canvas's frame, its beak to the left."""
    feathers = pick(rng, _FEATHERS)
    _legs(canvas, rng)
    body_angle = rng.uniform(-0.25, 0.15)
    for turn in (-0.12, 0.08, 0.28):
        tip = (0.72, 0.08 + turn * 0.8 + body_angle * 0.5)
        canvas.stroke([(0.2, 0.02), tip], (0.3, 0.07), darker(feathers, 0.12 + turn * 0.3))
    canvas.ellipse((0.08, 0.04), (0.52, 0.34), feathers, angle=body_angle)
    canvas.ellipse((0.02, 0.2), (0.38, 0.14), darker(feathers, 0.12), angle=body_angle)
    _wing(canvas, rng, body_angle, feathers)
    feeding = rng.random() < 0.2
    knots = np.array(_FEEDING if feeding else _UPRIGHT)
    knots[1:] += rng.normal(0, 0.03, (5, 2))
    neck = curve([(float(x), float(y)) for x, y in knots], 5)
    canvas.stroke(neck, (0.32, 0.21, 0.18, 0.17, 0.155), darker(feathers, 0.06))
    _head(canvas, rng, (float(knots[-1, 0]), float(knots[-1, 1])), 1.0 if feeding else 0.0, feathers)


def _head(canvas: Canvas, rng: np.random.Generator, centre: Point, down: float, feathers: Colour) -> None:
    """A small head with one eye and the bent beak; `down` 0: upright, 1: feeding."""
    x, y = centre
    turn = -1.1 * down + rng.uniform(-0.15, 0.25)
    across, up = np.cos(turn), np.sin(turn)
    linear = np.array([[across, up], [-up, across]])

    def at(points: list[Point]) -> np.ndarray:
        return np.array(points) @ linear + (x, y)

    base = mix(lighter(feathers, 0.6), (255, 240, 210), 0.5)
    canvas.polygon(at([(-0.08, -0.13), (-0.3, -0.1), (-0.4, 0.05), (-0.26, 0.13), (-0.08, 0.12)]), base)
    canvas.polygon(
        at([(-0.3, -0.1), (-0.46, 0.02), (-0.44, 0.32), (-0.32, 0.2), (-0.23, 0.13), (-0.27, 0.02)]), (20, 16, 18)
    )
    canvas.ellipse(centre, (0.175, 0.15), feathers, angle=turn)
    eye_x, eye_y = at([(-0.03, -0.03)])[0].tolist()
    canvas.disc((eye_x, eye_y), 0.05, (250, 225, 90))
    canvas.disc((eye_x, eye_y), 0.026, (10, 8, 8))


def _wing(canvas: Canvas, rng: np.random.Generator, angle: float, feathers: Colour) -> None:
    """A folded wing: rows of feathers, the long ones often dark at the tip."""
    tips = (35, 28, 32) if rng.random() < 0.5 else darker(feathers, 0.35)
    canvas.ellipse((0.4, 0.14), (0.32, 0.09), tips, angle=angle + 0.25)
    canvas.ellipse((0.2, 0.02), (0.4, 0.22), darker(feathers, 0.22), angle=angle + 0.12)
    for row in range(3):
        x = 0.02 + 0.14 * row
        canvas.ellipse(
            (x + 0.08, 0.04 - 0.02 * row), (0.2, 0.11), lighter(feathers, 0.1 + 0.1 * (row % 2)), angle=angle + 0.5
        )


def _legs(canvas: Canvas, rng: np.random.Generator) -> None:
    """Two thin legs with a knot at the joint and a webbed foot; one may be lifted."""
    legs = pick(rng, _LEGS)
    lifted = int(rng.integers(5))
    for number, hip in enumerate((-0.02, 0.14)):
        tone = darker(legs, 0.2 * number)
        knee = (hip + rng.uniform(-0.08, 0.08), rng.uniform(0.5, 0.58))
        foot = (hip + rng.uniform(-0.12, 0.12), 0.94)
        if number == lifted:
            knee, foot = (hip - 0.24, 0.5), (hip + 0.1, 0.6)
        canvas.stroke([(hip, 0.2), knee, foot], 0.07, tone)
        canvas.disc(knee, 0.055, tone)
        canvas.polygon(
            [(foot[0], foot[1] - 0.05), (foot[0] - 0.18, foot[1] + 0.04), (foot[0] + 0.06, foot[1] + 0.04)], tone
        )
