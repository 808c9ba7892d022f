"""A square image to draw on in unit coordinates, with an affine pose, smoothed by supersampling.

The image and the frame of an object both span -1..1 on each axis, x to the right and y down, with the centre at (0, 0).
The pose places the object's frame in the image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, sin, sqrt

import numpy as np
from PIL import Image, ImageDraw

from featevo.data.scenes.palette import Colour

Point = tuple[float, float]

_TURN = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


@dataclass(frozen=True)
class Pose:
    """Places an object's frame in the image: stretched, flipped, rotated, scaled and moved, in this order.

    Attributes:
        x, y: The frame's centre in the image; -1..1 is inside.
        scale: Side of the frame relative to the side of the image.
        angle: Rotation in radians, clockwise on the screen.
        flip: Whether left and right are swapped.
        stretch: Factor on the width; the height is divided by it.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    angle: float = 0.0
    flip: bool = False
    stretch: float = 1.0

    def matrix(self) -> tuple[np.ndarray, np.ndarray]:
        """The linear part (2, 2) and the shift (2,): a row vector p of the frame maps to p @ linear + shift."""
        wide, high = self.scale * self.stretch * (-1.0 if self.flip else 1.0), self.scale / self.stretch
        across, up = cos(self.angle), sin(self.angle)
        return np.array([[wide * across, wide * up], [-high * up, high * across]]), np.array([self.x, self.y])


class Canvas:
    """A square RGB image to draw on.

    Args:
        size: Side of the finished image in pixels.
        backdrop: The background, a uint8 array (h, w, 3) of any size, resized smoothly to the image.
        supersample: Drawn pixels per pixel of the finished image, along each side.
    """

    def __init__(self, size: int, backdrop: np.ndarray, supersample: int = 2) -> None:
        side = size * supersample
        self._image = Image.fromarray(backdrop).resize((side, side), Image.Resampling.BICUBIC)
        self._solid = ImageDraw.Draw(self._image)
        self._glass = ImageDraw.Draw(self._image, "RGBA")
        self._side = side
        self._supersample = supersample
        self.place(Pose())

    def place(self, pose: Pose) -> None:
        """Draw in the frame of `pose` from now on."""
        linear, shift = pose.matrix()
        self._linear = linear * (self._side / 2)
        self._shift = (shift + 1.0) * (self._side / 2)
        self._unit = pose.scale * self._side / 2

    def polygon(self, points: Sequence[Point] | np.ndarray, colour: Colour, opacity: float = 1.0) -> None:
        """Fill the outline through `points`, (n, 2) in the frame; `opacity` in 0..1, below 1 it is transparent."""
        outline = (np.asarray(points, dtype=float) @ self._linear + self._shift).ravel().tolist()
        if opacity >= 1.0:
            self._solid.polygon(outline, fill=colour)
        else:
            self._glass.polygon(outline, fill=(*colour, round(255 * opacity)))

    def ellipse(
        self, centre: Point, radii: Point, colour: Colour, angle: float = 0.0, opacity: float = 1.0, power: float = 2.0
    ) -> None:
        """Fill an ellipse rotated by `angle` radians; with `power` above 2 it approaches a box with round corners."""
        outline = _CIRCLE if power == 2.0 else np.sign(_CIRCLE) * np.abs(_CIRCLE) ** (2.0 / power)
        outline = outline * radii
        if angle:
            across, up = cos(angle), sin(angle)
            outline = outline @ np.array([[across, up], [-up, across]])
        self.polygon(outline + centre, colour, opacity)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Fill a circle; it stays round under a stretched pose."""
        (x, y), r = np.asarray(centre) @ self._linear + self._shift, radius * self._unit
        self._solid.ellipse((float(x - r), float(y - r), float(x + r), float(y + r)), fill=colour)

    def stroke(self, points: Sequence[Point] | np.ndarray, width: float | Sequence[float], colour: Colour) -> None:
        """Draw a line with round ends through `points`; with one width, or widths interpolated from start to end."""
        path = np.asarray(points, dtype=float) @ self._linear + self._shift
        halves = np.interp(_even(len(path)), _even(np.size(width)), np.atleast_1d(width))
        # A line thinner than a pixel of the finished image would be almost invisible.
        halves = np.maximum(halves * self._unit / 2, self._supersample * 0.4)
        spots = path.tolist()
        for (x, y), r in zip(spots, halves.tolist(), strict=True):
            self._solid.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        for i in range(len(spots) - 1):
            (x0, y0), (x1, y1) = spots[i], spots[i + 1]
            length = sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2) or 1.0
            nx, ny = (y0 - y1) / length, (x1 - x0) / length
            a, b = float(halves[i]), float(halves[i + 1])
            quad = (x0 + nx * a, y0 + ny * a, x1 + nx * b, y1 + ny * b)
            self._solid.polygon((*quad, x1 - nx * b, y1 - ny * b, x0 - nx * a, y0 - ny * a), fill=colour)

    def weave(
        self, points: Sequence[Point] | np.ndarray, colours: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> None:
        """Fill the outline through `points` with a pattern.

        Args:
            points: The outline, (n, 2) in the frame.
            colours: Gets x and y of points in the frame, each (h, w); returns their colours, uint8 (h, w, 3).
        """
        outline = np.asarray(points, dtype=float) @ self._linear + self._shift
        left, top = np.clip(np.floor(outline.min(axis=0)), 0, self._side).astype(int).tolist()
        right, bottom = np.clip(np.ceil(outline.max(axis=0)) + 1, 0, self._side).astype(int).tolist()
        if right <= left or bottom <= top:
            return
        across = (np.arange(left, right) + 0.5 - self._shift[0])[None, :]
        down = (np.arange(top, bottom) + 0.5 - self._shift[1])[:, None]
        (xx, xy), (yx, yy) = np.linalg.inv(self._linear).tolist()
        patch = Image.fromarray(colours(across * xx + down * yx, across * xy + down * yy))
        mask = Image.new("L", patch.size)
        ImageDraw.Draw(mask).polygon((outline - (left, top)).ravel().tolist(), fill=255)
        self._image.paste(patch, (left, top), mask)

    def pixels(self) -> np.ndarray:
        """The finished image, uint8 (size, size, 3)."""
        return np.asarray(self._image.reduce(self._supersample))


@cache
def _even(count: int) -> np.ndarray:
    """So many numbers from 0 to 1, evenly spread."""
    return np.linspace(0, 1, count)


def curve(points: Sequence[Point], steps: int = 6) -> np.ndarray:
    """A smooth line through `points` (Catmull-Rom), (n, 2), with `steps` pieces between neighbours."""
    knots = np.asarray(points, dtype=float)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    before, start, end, after = (padded[i : len(knots) - 1 + i, None, :] for i in range(4))
    cubic = 3 * start - before - 3 * end + after
    square = 2 * before - 5 * start + 4 * end - after
    pieces = 0.5 * (2 * start + (end - before) * t + square * t**2 + cubic * t**3)
    return np.concatenate([pieces.reshape(-1, 2), knots[-1:]])
