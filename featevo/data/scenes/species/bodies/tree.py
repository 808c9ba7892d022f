"""Trees and toadstools: a trunk and a top, with or without fruit."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval


@dataclass(frozen=True)
class Tree:
    """A tree's genes: lengths in the frame, angles in radians, kinds by name."""

    top: str
    wide: float
    tall: float
    parts: int
    trunk: float
    flare: float
    lean: float
    fruit: str
    fruits: int
    base: str
    collar: str
    knots: int

    @classmethod
    def design(cls, chance: Chance) -> Tree:
        """The genes of a new one."""
        return cls(
            top=chance.one_of("cap", "cone", "puffs", "palm", "weeping", "columns", "fork"),
            wide=chance.between(0.42, 0.82),
            tall=chance.between(0.35, 0.75),
            parts=chance.count(2, 5),
            trunk=chance.between(0.07, 0.26),
            flare=chance.between(0.7, 2.2),
            lean=chance.between(-0.2, 0.2),
            fruit=chance.one_of("none", "balls", "stars", "drops", "pods"),
            fruits=chance.count(3, 7),
            base=chance.one_of("none", "roots", "mound", "tub", "small"),
            collar=chance.one_of("none", "ring", "stripes", "face"),
            knots=chance.count(0, 1000),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {
            "cap": "cap", "cone": "pine", "puffs": "oak", "palm": "palm", "weeping": "willow",
            "columns": "cactus", "fork": "coral",
        }[self.top]  # fmt: skip

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, with its root at the bottom."""
        lean, wide, tall = (
            self.lean + chance.between(-0.06, 0.06),
            chance.about(self.wide, 0.08),
            chance.about(self.tall),
        )
        crown = -0.85 + tall
        if self.base == "mound":
            canvas.polygon(oval((0, 0.92), (0.6, 0.14)), darker(coat.second, 0.3))
        elif self.base == "roots":
            for x in (-0.4, -0.15, 0.15, 0.4):
                canvas.stroke([(0, 0.65), (x, 0.94)], (self.trunk, 0.05), coat.trim)
        trunk = curve([(0, 0.9), (lean * 0.3, 0.3), (lean, crown)], 3)
        canvas.stroke(trunk, (self.trunk * self.flare * 1.4, self.trunk * 1.4), darker(coat.accent, 0.35))
        if self.base == "tub":
            coat.cover_second(canvas, box(-0.36, 0.95, 0.36, 0.62, 0.06))
        elif self.base == "small":
            canvas.stroke([(0.3, 0.92), (0.34, 0.66)], 0.09, darker(coat.accent, 0.35))
            canvas.polygon(oval((0.34, 0.6), (0.22, 0.14)), coat.second)
        if self.collar in ("ring", "stripes"):
            for y in (0.35,) if self.collar == "ring" else (0.2, 0.4, 0.6):
                canvas.polygon(oval((lean * 0.4, y), (self.trunk * 1.2 + 0.05, 0.05), power=4.0), coat.second)
        elif self.collar == "face":
            for side in (-1.0, 1.0):
                canvas.disc((lean * 0.4 + side * 0.12, 0.35), 0.1, (250, 248, 240))
                canvas.disc((lean * 0.4 + side * 0.12, 0.36), 0.05, (14, 10, 12))
        getattr(self, f"_{self.top}")(canvas, coat, lean, crown, wide, tall)
        self._fruit(canvas, coat, lean, crown, wide, tall)

    def _cap(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        turn = np.linspace(pi, 2 * pi, 18)
        canvas.polygon(oval((x, y), (wide * 0.9, 0.13)), lighter(coat.second, 0.4))
        across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (0.5 + 0.25 * self.parts)
        coat.cover(canvas, np.stack([x + wide * across, y + tall * np.sin(turn)], axis=1))

    def _cone(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        for place in range(self.parts):
            share = 1.0 - 0.75 * place / self.parts
            low = y + 0.25 - (tall + 0.1) * place / self.parts
            high = low - (tall + 0.35) / self.parts * 1.25
            coat.cover(canvas, np.array([(x - wide * share * 0.8, low), (x, high), (x + wide * share * 0.8, low)]))

    def _puffs(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        count = self.parts + 1
        for place in range(count):
            turn = pi + pi * (place + 0.5) / count
            spot = (x + wide * 0.6 * cos(turn), y - 0.05 + tall * 0.6 * sin(turn))
            canvas.stroke([(x, y + 0.1), spot], 0.08, darker(coat.accent, 0.35))
            coat.cover(canvas, oval(spot, (wide * 0.42, tall * 0.4)))

    def _palm(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        for place in range(self.parts + 3):
            turn = -pi / 2 + (place / (self.parts + 2) * 2 - 1) * 1.9
            frond = blade((x, y - 0.1), turn, wide * 0.95, 0.12, "saw" if self.knots % 2 else "leaf")
            canvas.polygon(frond, darker(coat.main, 0.25) if place % 2 else coat.main)

    def _weeping(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        coat.cover(canvas, oval((x, y - tall * 0.35), (wide * 0.8, tall * 0.55)))
        for place in range(self.parts * 2 + 1):
            spot = x + (place / self.parts - 1) * wide * 0.78
            canvas.stroke(
                [(spot, y - tall * 0.3), (spot * 1.08, y + 0.45)], (0.12, 0.05), coat.second if place % 2 else coat.main
            )

    def _columns(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        thick = 0.13 + self.trunk * 0.5
        for place in range(self.parts - 1):
            side = -1.0 if place % 2 else 1.0
            low = 0.5 - 0.22 * place
            reach = side * wide * 0.6
            canvas.stroke(
                [(x, low), (x + reach, low), (x + reach, low - tall * 0.7)], thick * 1.3, darker(coat.main, 0.1)
            )
        coat.cover(canvas, oval((x, 0.05), (thick * 1.5, 0.85), power=4.0))

    def _fork(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        for place in range(self.parts + 1):
            turn = -pi / 2 + ((place + 0.5) / (self.parts + 1) * 2 - 1) * 1.1
            elbow = (x + wide * 0.5 * cos(turn), y + 0.15 + tall * 0.6 * sin(turn))
            canvas.stroke([(x * 0.5, 0.5), elbow], (0.2, 0.14), coat.main)
            for bend in (-0.45, 0.45):
                tip = (elbow[0] + 0.34 * cos(turn + bend), elbow[1] + 0.34 * sin(turn + bend))
                canvas.stroke([elbow, tip], (0.14, 0.1), coat.main)
                canvas.disc(tip, 0.09, coat.second)

    def _fruit(self, canvas: Canvas, coat: Coat, x: float, y: float, wide: float, tall: float) -> None:
        for place in range(self.fruits if self.fruit != "none" else 0):
            # The golden angle distributes any number of them evenly; the first position differs between species.
            turn, reach = 2.4 * (place + self.knots), ((place + 0.5) / self.fruits) ** 0.5
            spot = (x + wide * 0.55 * reach * cos(turn), y - tall * 0.4 + tall * 0.4 * reach * sin(turn))
            if self.fruit == "balls":
                canvas.disc(spot, 0.085, coat.accent)
            elif self.fruit == "stars":
                for heading in (0.0, pi / 3, 2 * pi / 3):
                    dx, dy = 0.1 * cos(heading), 0.1 * sin(heading)
                    canvas.stroke([(spot[0] - dx, spot[1] - dy), (spot[0] + dx, spot[1] + dy)], 0.05, coat.accent)
            elif self.fruit == "drops":
                canvas.polygon(blade((spot[0], spot[1] + 0.1), -pi / 2, 0.24, 0.08, "petal"), coat.accent)
            else:
                canvas.polygon(oval(spot, (0.05, 0.13), angle=0.4), coat.accent)
