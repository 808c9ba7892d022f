"""Parts that several body plans share: eyes, crowns of heads, feet, wheels, windows."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import Colour, darker, lighter
from featevo.data.scenes.species.outlines import blade, box, oval

_BLACK, _WHITE = (12, 10, 12), (252, 250, 244)
CROWNS = ("none", "spikes", "curls", "antlers", "feelers", "ears", "crest", "tuft")
WHEELS = ("solid", "spokes", "rings", "dots")
WINDOWS = ("square", "round", "arch", "slit")


def eye(canvas: Canvas, centre: Point, radius: float, iris: Colour, kind: str = "round") -> None:
    """An eye: "round", "slit" (a cat's), "wide" (white around a small pupil), "bead" (dark) or "lidded"."""
    x, y = centre
    if kind == "bead":
        canvas.disc(centre, radius * 0.8, _BLACK)
    elif kind == "wide":
        canvas.disc(centre, radius, _WHITE)
        canvas.disc((x - radius * 0.25, y), radius * 0.42, _BLACK)
    else:
        canvas.disc(centre, radius, _WHITE if kind == "lidded" else darker(iris, 0.5))
        canvas.disc(centre, radius * 0.82, iris)
        canvas.ellipse(
            centre, (radius * (0.25 if kind == "slit" else 0.45), radius * (0.75 if kind == "slit" else 0.45)), _BLACK
        )
        if kind == "lidded":
            canvas.polygon(oval((x, y - radius * 0.45), (radius * 1.05, radius * 0.6)), darker(iris, 0.6))
    canvas.disc((x + radius * 0.3, y - radius * 0.35), radius * 0.22, _WHITE)


def crown(canvas: Canvas, kind: str, top: Point, apart: float, length: float, ink: Colour, tip: Colour) -> None:
    """A part on top of a head, of a kind in `CROWNS`: one at `top`, or a pair at the distance `apart` from it."""
    x, y = top
    if kind == "crest":
        for turn in (-0.9, -0.45, 0.0, 0.45, 0.9):
            canvas.polygon(blade((x, y + 0.04), turn - pi / 2, length * (1.0 - 0.3 * abs(turn)), length * 0.16), ink)
        return
    if kind == "tuft":
        for turn in (-0.6, 0.0, 0.6):
            end = (x + length * 0.8 * sin(turn), y - length * 0.8 * cos(turn))
            canvas.stroke([(x, y + 0.03), end], (0.07, 0.05), ink)
            canvas.disc(end, 0.07, tip)
        return
    for side in (-1.0, 1.0):
        root = (x + side * apart, y + 0.03)
        if kind == "spikes":
            canvas.polygon(blade(root, -pi / 2 + side * 0.35, length, 0.09, "spike"), ink)
        elif kind == "curls":
            knots = [(0.0, 0.0), (0.35, -0.5), (0.85, -0.45), (0.95, 0.05), (0.65, 0.2)]
            path = curve([(root[0] + side * a * length, root[1] + b * length) for a, b in knots], 3)
            canvas.stroke(path, (0.14, 0.1, 0.05), ink)
        elif kind == "antlers":
            bough = [
                (root[0] + side * a * length, root[1] + b * length) for a, b in ((0, 0), (0.3, -0.45), (0.35, -1.0))
            ]
            canvas.stroke(bough, (0.08, 0.05), ink)
            for start, reach in ((bough[1], (0.42, -0.25)), (bough[1], (-0.15, -0.5))):
                canvas.stroke([start, (start[0] + side * reach[0] * length, start[1] + reach[1] * length)], 0.05, ink)
        elif kind == "feelers":
            end = (root[0] + side * 0.45 * length, root[1] - length)
            canvas.stroke(curve([root, (root[0], root[1] - length * 0.6), end], 3), 0.04, ink)
            canvas.disc(end, 0.075, tip)
        elif kind == "ears":
            heading = -pi / 2 + side * 0.4
            canvas.polygon(blade(root, heading, length * 0.9, 0.15), ink)
            canvas.polygon(blade(root, heading, length * 0.65, 0.08), tip)


def leg(
    canvas: Canvas, hip: Point, foot: Point, bend: float, width: float, ink: Colour, shoe: str, sole: Colour
) -> None:
    """A leg; `bend` moves its knee to the side; `shoe`: "none", "hoof", "flipper", "claw" or "ball"."""
    knee = ((hip[0] + foot[0]) / 2 + bend, (hip[1] + foot[1]) / 2)
    canvas.stroke([hip, knee, foot], (width * 1.25, width, width * 0.75), ink)
    x, y = foot
    if shoe == "hoof":
        canvas.polygon(box(x - width * 0.55, y - width * 0.6, x + width * 0.55, y + width * 0.5, 0.02), sole)
    elif shoe == "flipper":
        canvas.polygon(
            [
                (x + width * 0.4, y - width * 0.6),
                (x - width * 1.8, y + width * 0.5),
                (x + width * 0.5, y + width * 0.5),
            ],
            sole,
        )
    elif shoe == "claw":
        for turn in (-0.6, 0.0, 0.6):
            canvas.stroke(
                [foot, (x + width * 1.3 * sin(turn) - width * 0.4, y + width * 0.9 * cos(turn))], (0.05, 0.02), sole
            )
    elif shoe == "ball":
        canvas.disc(foot, width * 0.8, sole)


def wheel(canvas: Canvas, centre: Point, radius: float, kind: str, tyre: Colour, hub: Colour) -> None:
    """A wheel seen from the side, of a kind in `WHEELS`."""
    x, y = centre
    canvas.disc(centre, radius, tyre)
    if kind == "spokes":
        canvas.disc(centre, radius * 0.78, lighter(hub, 0.5))
        for turn in np.arange(6) * (pi / 3) + 0.3:
            canvas.stroke([centre, (x + radius * 0.78 * cos(turn), y + radius * 0.78 * sin(turn))], radius * 0.14, tyre)
        canvas.disc(centre, radius * 0.22, tyre)
        return
    canvas.disc(centre, radius * 0.66, hub)
    if kind == "rings":
        canvas.disc(centre, radius * 0.48, tyre)
        canvas.disc(centre, radius * 0.3, lighter(hub, 0.4))
    elif kind == "dots":
        for turn in np.arange(5) * (2 * pi / 5):
            canvas.disc((x + radius * 0.4 * cos(turn), y + radius * 0.4 * sin(turn)), radius * 0.13, tyre)
    else:
        canvas.disc(centre, radius * 0.2, tyre)


def window(canvas: Canvas, centre: Point, half: Point, kind: str, glass: Colour, frame: Colour) -> None:
    """A window with a frame, of a kind in `WINDOWS`; `half` is half its width and height."""
    (x, y), (wide, high) = centre, half
    if kind == "slit":
        wide *= 0.45
    for size, ink in ((1.0, frame), (0.7, glass)):
        if kind == "round":
            canvas.ellipse(centre, (min(wide, high) * size, min(wide, high) * size), ink)
        else:
            canvas.polygon(box(x - wide * size, y - high * size, x + wide * size, y + high * size), ink)
            if kind == "arch":
                canvas.ellipse((x, y - high * size), (wide * size, wide * size), ink)
    if kind == "square":
        canvas.stroke([(x, y - high), (x, y + high)], 0.03, frame)
