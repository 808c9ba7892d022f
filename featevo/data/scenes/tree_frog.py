"""A tree frog, seen from the front: bulging eyes with slit pupils, a wide mouth, folded legs, toes with round pads."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import Colour, Shades, darker, lighter, mix, pick

_SKIN = (
    Shades(7.0, (0.24, 0.36), (0.55, 0.95), (0.45, 0.9)),
    Shades(1.5, (0.40, 0.50), (0.45, 0.85), (0.4, 0.8)),
    Shades(1.5, (0.15, 0.22), (0.5, 0.9), (0.55, 0.9)),
    Shades(1.0, (0.06, 0.12), (0.4, 0.7), (0.35, 0.65)),
)
_IRIS = (
    Shades(7.0, (-0.02, 0.025), (0.85, 1.0), (0.75, 1.0)),
    Shades(2.0, (0.04, 0.08), (0.85, 1.0), (0.85, 1.0)),
    Shades(1.0, (0.11, 0.14), (0.8, 1.0), (0.8, 1.0)),
)
_PAD = (
    Shades(3.0, (0.04, 0.10), (0.7, 1.0), (0.8, 1.0)),
    Shades(1.0, (0.24, 0.36), (0.3, 0.6), (0.7, 0.9)),
)


def colour(rng: np.random.Generator) -> Colour:
    """A typical colour of frogs."""
    return pick(rng, _IRIS if rng.random() < 0.25 else _SKIN)


def draw(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw a frog into the canvas's frame."""
    skin, pad = pick(rng, _SKIN), pick(rng, _PAD)
    shadow = darker(skin, 0.35)
    belly = mix(lighter(skin, 0.55), (255, 245, 215), 0.4)
    crouch = rng.uniform(-0.08, 0.1)
    for side in (-1.0, 1.0):
        _hind_leg(canvas, rng, side, crouch, shadow, pad)
    canvas.ellipse((0, 0.28), (0.5, 0.5), skin)
    canvas.ellipse((0, 0.38), (0.34, 0.36), belly)
    for side in (-1.0, 1.0):
        _arm(canvas, rng, side, skin, pad)
    canvas.ellipse((0, -0.1 + crouch), (0.64, 0.4), skin, power=2.3)
    canvas.ellipse((0, 0.1 + crouch), (0.5, 0.19), belly)
    if rng.random() < 0.4:
        for x, y, r in rng.uniform((-0.35, -0.38, 0.025), (0.35, -0.12, 0.06), (5, 3)).tolist():
            canvas.disc((x, y + crouch), r, lighter(skin, 0.45))
    smile = rng.uniform(0.06, 0.2)
    mouth = [(-0.52, -0.02), (-0.3, smile * 0.7), (0, smile), (0.3, smile * 0.7), (0.52, -0.02)]
    canvas.stroke([(x, y + crouch) for x, y in mouth], 0.045, darker(skin, 0.65))
    for side in (-1.0, 1.0):
        canvas.disc((side * 0.09, -0.15 + crouch), 0.028, darker(skin, 0.7))
    _eyes(canvas, rng, crouch, skin)


def _eyes(canvas: Canvas, rng: np.random.Generator, crouch: float, skin: Colour) -> None:
    """Two domes with an iris, a pupil and a highlight; both look in the same direction."""
    iris, size = pick(rng, _IRIS), rng.uniform(0.2, 0.27)
    look, apart = rng.uniform(-0.035, 0.035), rng.uniform(0.38, 0.46)
    slit = rng.uniform(0.3, 0.55)
    for side in (-1.0, 1.0):
        x, y = side * apart, -0.46 + crouch
        canvas.disc((x, y), size * 1.28, darker(skin, 0.2))
        canvas.disc((x, y), size, darker(iris, 0.35))
        canvas.disc((x, y), size * 0.9, iris)
        canvas.ellipse((x + look, y), (size * slit, size * 0.74), (8, 6, 6))
        canvas.disc((x + look + 0.06, y - size * 0.42), size * 0.2, (255, 255, 255))


def _hind_leg(canvas: Canvas, rng: np.random.Generator, side: float, crouch: float, skin: Colour, pad: Colour) -> None:
    """A folded leg beside the body: the thigh goes up to the knee, the lower leg down to the foot."""
    knee = (side * rng.uniform(0.78, 0.95), rng.uniform(0.05, 0.3) + crouch)
    foot = (side * rng.uniform(0.6, 0.85), rng.uniform(0.72, 0.84))
    canvas.stroke([(side * 0.3, 0.55), knee], (0.34, 0.22), skin)
    canvas.stroke([knee, foot], (0.22, 0.13), skin)
    _toes(canvas, foot, pi / 2 - side * 0.7, 0.24, skin, pad)


def _arm(canvas: Canvas, rng: np.random.Generator, side: float, skin: Colour, pad: Colour) -> None:
    """A front leg from the shoulder over the elbow to the hand."""
    elbow = (side * rng.uniform(0.42, 0.58), rng.uniform(0.42, 0.52))
    hand = (side * rng.uniform(0.24, 0.5), rng.uniform(0.74, 0.82))
    canvas.stroke(curve([(side * 0.42, 0.2), elbow, hand], 3), (0.24, 0.16, 0.11), skin)
    _toes(canvas, hand, pi / 2 - side * 0.2, 0.17, skin, pad)


def _toes(canvas: Canvas, foot: Point, heading: float, length: float, skin: Colour, pad: Colour) -> None:
    """Four spread toes, each ending in a round pad."""
    for turn in (-0.75, -0.25, 0.25, 0.75):
        tip = (foot[0] + length * cos(heading + turn), foot[1] + length * sin(heading + turn))
        canvas.stroke([foot, tip], 0.06, skin)
        canvas.disc(tip, 0.06, pad)
