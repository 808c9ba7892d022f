"""Tools: objects with a shaft, a grip and a head: brushes, keys, ladles, lutes, parasols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval, star

# Rotates points of an upright tool, (n, 2), to the angle of a leaning one.
Turn = Callable[[Sequence[Point] | np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Tool:
    """A tool's genes: lengths in the frame, angles in radians, kinds by name."""

    head: str
    wide: float
    tall: float
    twin: bool
    shaft: float
    wavy: float
    lean: float
    grip: str
    guard: str
    charm: str

    @classmethod
    def design(cls, chance: Chance) -> Tool:
        """The genes of a new one."""
        return cls(
            head=chance.one_of("parasol", "lute", "axe", "brush", "key", "rake", "spoon", "mallet", "mirror", "blade"),
            wide=chance.between(0.34, 0.62),
            tall=chance.between(0.26, 0.5),
            twin=chance.flag(0.5),
            shaft=chance.between(0.07, 0.17),
            wavy=chance.one_of(0.0, 0.0, 0.08),
            lean=chance.one_of(0.0, 0.0, 0.6, -0.6),
            grip=chance.one_of("none", "ring", "hook", "ball", "wrap", "prongs", "paddle"),
            guard=chance.one_of("none", "bar", "leaves", "disc", "wings"),
            charm=chance.one_of("none", "tassel", "gem", "dots", "bells"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return self.head

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its head up, leaning by about `self.lean`."""
        turn = self.lean + chance.between(-0.15, 0.15)
        linear = np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]])

        def at(points: Sequence[Point] | np.ndarray) -> np.ndarray:
            return np.asarray(points, dtype=float) @ linear

        wide, tall = chance.about(self.wide, 0.08), chance.about(self.tall, 0.08)
        y = np.linspace(-0.45, 0.85, 9)
        canvas.stroke(at(np.stack([self.wavy * np.sin(y * 7), y], axis=1)), (self.shaft, self.shaft * 0.8), coat.trim)
        self._grip(canvas, coat, at)
        self._guard(canvas, coat, at)
        self._head(canvas, coat, at, wide, tall)
        if self.charm == "tassel":
            sway = chance.between(-0.1, 0.1)
            canvas.stroke(at(curve([(0.05, 0.0), (0.22, 0.08), (0.26 + sway, 0.4)], 3)), 0.05, coat.accent)
            canvas.polygon(at(blade((0.26 + sway, 0.36), pi / 2, 0.26, 0.1)), coat.accent)
        elif self.charm == "gem":
            canvas.polygon(at(oval((0, -0.45), (0.15, 0.17), power=1.0)), coat.accent)
            canvas.polygon(at(oval((-0.04, -0.49), (0.05, 0.06), power=1.0)), lighter(coat.accent, 0.7))
        elif self.charm == "dots":
            for place in (0.0, 0.2, 0.4):
                canvas.polygon(at(oval((0, place), (self.shaft * 0.8, 0.07))), coat.accent)
        elif self.charm == "bells":
            for side in (-1.0, 1.0):
                canvas.stroke(at([(side * wide * 0.8, -0.4), (side * wide * 0.8, -0.12)]), 0.035, coat.trim)
                canvas.polygon(at(oval((side * wide * 0.8, -0.1), (0.1, 0.11))), coat.accent)

    def _head(self, canvas: Canvas, coat: Coat, at: Turn, wide: float, tall: float) -> None:
        middle = (0.0, -0.45)
        if self.head == "parasol":
            turn = np.linspace(pi, 2 * pi, 16)
            dome = np.stack([wide * 1.3 * np.cos(turn), -0.35 + (tall + 0.1) * np.sin(turn)], axis=1)
            coat.cover(canvas, at(dome))
            for x in (-0.8, 0.0, 0.8) if self.twin else (-0.9, -0.45, 0.0, 0.45, 0.9):
                canvas.polygon(at(oval((x * wide * 1.1, -0.34), (wide * 0.24, 0.1))), coat.second)
        elif self.head == "lute":
            coat.cover(canvas, at(oval((0, -0.3), (wide * 0.95, tall))))
            if self.twin:
                coat.cover(canvas, at(oval((0, -0.68), (wide * 0.7, tall * 0.6))))
            canvas.polygon(at(oval((0, -0.35), (wide * 0.35, wide * 0.35))), darker(coat.trim, 0.4))
            for x in (-0.06, 0.06):
                canvas.stroke(at([(x, -0.7), (x, 0.7)]), 0.025, lighter(coat.accent, 0.5))
        elif self.head == "axe":
            for side in (-1.0, 1.0)[: 2 if self.twin else 1]:
                rim = [(side * wide * 1.2, -0.45 - tall), (side * wide * 1.4, -0.45), (side * wide * 1.2, -0.45 + tall)]
                outline = np.concatenate([[(0.0, -0.6)], curve([(x, y) for x, y in rim], 4), [(0.0, -0.3)]])
                coat.cover(canvas, at(outline))
        elif self.head == "brush":
            for x in np.linspace(-0.9, 0.9, 9).tolist():
                canvas.stroke(
                    at([(x * wide * 0.6, -0.4), (x * wide, -0.5 - tall)]),
                    0.09,
                    coat.second if self.twin else coat.accent,
                )
            coat.cover(canvas, at(box(-wide * 0.75, -0.5, wide * 0.75, -0.25)))
        elif self.head == "key":
            coat.cover(canvas, at(oval(middle, (wide * 0.8, tall * 0.85), power=1.0 if self.twin else 2.0)))
            canvas.polygon(at(oval(middle, (wide * 0.35, tall * 0.36))), darker(coat.trim, 0.5))
            for y in (0.55, 0.75):
                canvas.stroke(at([(0, y), (0.3, y)]), 0.13, coat.accent)
        elif self.head == "rake":
            for x in (-1.0, -0.5, 0.0, 0.5, 1.0) if self.twin else (-1.0, 0.0, 1.0):
                canvas.stroke(
                    at(curve([(0, -0.3), (x * wide, -0.42), (x * wide * 0.95, -0.5 - tall)], 3)),
                    (0.14, 0.07),
                    coat.main,
                )
            coat.cover(canvas, at(oval((0, -0.28), (0.2, 0.16))))
        elif self.head == "spoon":
            coat.cover(canvas, at(oval(middle, (wide * 0.75, tall * 1.0), power=3.0 if self.twin else 2.0)))
            canvas.polygon(at(oval(middle, (wide * 0.5, tall * 0.7))), darker(coat.main, 0.35))
        elif self.head == "mallet":
            coat.cover(canvas, at(oval(middle, (wide * 1.15, tall * 0.65), power=8.0)))
            for side in (-1.0, 1.0):
                canvas.polygon(
                    at(oval((side * wide * 1.1, -0.45), (0.1, tall * 0.75), power=4.0)),
                    coat.accent if self.twin else coat.second,
                )
        elif self.head == "mirror":
            frame = star(middle, 8, tall * 1.1, tall * 0.85) if self.twin else oval(middle, (wide * 0.8, tall))
            coat.cover(canvas, at(frame))
            canvas.polygon(at(oval(middle, (wide * 0.5, tall * 0.66))), (206, 228, 240))
            canvas.stroke(at([(-0.1, -0.35), (0.12, -0.6)]), 0.06, (246, 250, 252))
        else:
            outline = blade((0, -0.05), -pi / 2, 0.55 + tall * 0.8, wide * 0.45, "saw" if self.twin else "strap")
            coat.cover(canvas, at(outline))

    def _grip(self, canvas: Canvas, coat: Coat, at: Turn) -> None:
        if self.grip == "ring":
            canvas.polygon(at(oval((0, 0.84), (0.17, 0.15))), coat.accent)
            canvas.polygon(at(oval((0, 0.84), (0.09, 0.08))), darker(coat.trim, 0.5))
        elif self.grip == "hook":
            canvas.stroke(at(curve([(0, 0.75), (0.02, 0.93), (0.2, 0.93), (0.22, 0.75)], 4)), 0.11, coat.accent)
        elif self.grip == "ball":
            canvas.polygon(at(oval((0, 0.84), (0.14, 0.14))), coat.accent)
        elif self.grip == "wrap":
            canvas.stroke(at([(0, 0.5), (0, 0.9)]), self.shaft * 1.9, coat.second)
            for y in (0.55, 0.68, 0.81):
                canvas.stroke(at([(-self.shaft * 0.9, y), (self.shaft * 0.9, y + 0.06)]), 0.04, coat.trim)
        elif self.grip == "prongs":
            for x in (-0.18, 0.0, 0.18):
                canvas.stroke(at([(0, 0.65), (x, 0.93)]), (0.08, 0.05), coat.accent)
        elif self.grip == "paddle":
            canvas.polygon(at(oval((0, 0.72), (0.2, 0.24), power=4.0)), coat.second)

    def _guard(self, canvas: Canvas, coat: Coat, at: Turn) -> None:
        if self.guard == "bar":
            canvas.stroke(at([(-0.32, 0.12), (0.32, 0.12)]), 0.12, coat.accent)
        elif self.guard == "disc":
            canvas.polygon(at(oval((0, 0.14), (0.24, 0.12))), coat.second)
        for side in (-1.0, 1.0):
            if self.guard == "leaves":
                canvas.polygon(at(blade((0, 0.3), -pi / 2 + side * 0.9, 0.4, 0.12)), coat.second)
            elif self.guard == "wings":
                canvas.polygon(at(blade((0, 0.2), -pi / 2 + side * 1.3, 0.5, 0.16, "saw")), coat.accent)
