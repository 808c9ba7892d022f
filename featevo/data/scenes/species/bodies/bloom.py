"""Blooms: plants with a stem, leaves and one or more flower heads, from the ground or from a pot."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import darker, mix
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval, turned


@dataclass(frozen=True)
class Bloom:
    """A bloom's genes: lengths in the frame, angles in radians, kinds by name."""

    heads: int
    petals: int
    petal: str
    broad: float
    reach: float
    rings: int
    open: float
    heart: str
    core: float
    leaves: int
    leaf: str
    green: float
    slim: float
    bend: float
    pot: str
    green_stem: bool

    @classmethod
    def design(cls, chance: Chance) -> Bloom:
        """The genes of a new one."""
        return cls(
            heads=chance.one_of(1, 1, 1, 2, 3),
            petals=chance.count(3, 11),
            petal=chance.one_of("leaf", "petal", "heart", "spike", "strap", "saw"),
            broad=chance.between(0.3, 0.8),
            reach=chance.between(0.34, 0.52),
            rings=chance.one_of(1, 1, 2),
            # Angle that the petals cover: a full turn, half a turn (a fan), or less (a hanging bell).
            open=chance.one_of(2 * pi, 2 * pi, pi * 1.1, -pi * 0.9),
            heart=chance.one_of("disc", "dots", "ring", "eye", "none"),
            core=chance.between(0.25, 0.5),
            leaves=chance.count(0, 5),
            leaf=chance.one_of("leaf", "petal", "strap", "saw", "heart"),
            green=chance.between(0.25, 0.45),
            slim=chance.between(0.15, 0.4),
            bend=chance.between(-0.25, 0.25),
            pot=chance.one_of("none", "none", "pot", "bulb", "tuft"),
            green_stem=chance.flag(0.6),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.open < 0:
            return "bell"
        if self.open < 4:
            return "fan"
        return "daisy" if self.heads == 1 else "posy"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, with its root at the bottom."""
        stem = mix(coat.trim, (60, 150, 60), 0.6) if self.green_stem else coat.trim
        foot = 0.6 if self.pot == "pot" else 0.92
        scale = {1: 1.0, 2: 0.72, 3: 0.6}[self.heads]
        spots: list[Point] = {
            1: [(0.0, -0.4)],
            2: [(-0.4, -0.2), (0.38, -0.5)],
            3: [(-0.52, -0.15), (0.5, -0.2), (0.0, -0.58)],
        }[self.heads]
        sway = self.bend + chance.between(-0.1, 0.1)
        for x, y in spots:
            canvas.stroke(curve([(0, foot), (x * 0.4 + sway, (foot + y) / 2), (x, y)], 4), (0.1, 0.07), stem)
        for place in range(self.leaves):
            y = foot - 0.1 - 0.75 * place / max(self.leaves, 2)
            heading = -0.5 + chance.between(-0.2, 0.2)
            leaf = blade((0.0, 0.0), heading, chance.about(self.green) * 1.5, self.green * self.slim, self.leaf)
            canvas.polygon(leaf * (-1.0 if place % 2 else 1.0, 1.0) + (sway * 0.7, y), darker(stem, 0.2 * (place % 2)))
        for spot in spots:
            self._head(canvas, coat, spot, chance.about(self.reach * scale), chance)
        if self.pot == "pot":
            coat.cover_second(canvas, box(-0.34, 0.95, 0.34, 0.55, 0.08))
            canvas.polygon(box(-0.4, 0.48, 0.4, 0.6), darker(coat.second, 0.3))
        elif self.pot == "bulb":
            coat.cover_second(canvas, oval((0, 0.78), (0.3, 0.2)))
        elif self.pot == "tuft":
            for turn in (-0.9, -0.45, 0.0, 0.45, 0.9):
                canvas.polygon(blade((0, 0.95), turn - pi / 2, 0.42, 0.07), stem)

    def _head(self, canvas: Canvas, coat: Coat, at: Point, reach: float, chance: Chance) -> None:
        full = abs(self.open) > 6
        start = chance.between(0, 2 * pi) if full else (-pi / 2 if self.open > 0 else pi / 2)
        for ring in range(self.rings):
            size = reach * (1.0 - 0.35 * ring)
            petal = blade((0, 0), 0.0, size, self.broad * size * min(1.0, 4.0 / self.petals) * 1.3, self.petal)
            for place in range(self.petals):
                share = place / self.petals if full else (place + 0.5) / self.petals - 0.5
                outline = turned(petal, start + share * abs(self.open) + 0.3 * ring * full) + at
                ink = coat.second if ring else coat.main if place % 2 or self.petals % 2 else darker(coat.main, 0.18)
                if ring == 0 and self.petals < 7:
                    coat.cover(canvas, outline)
                else:
                    canvas.polygon(outline, ink)
        core = reach * self.core
        x, y = at
        if self.heart == "none":
            return
        canvas.disc(at, core, coat.accent)
        if self.heart == "ring":
            canvas.disc(at, core * 0.6, coat.trim)
        elif self.heart == "eye":
            canvas.disc(at, core * 0.55, (250, 248, 240))
            canvas.disc(at, core * 0.3, (14, 10, 12))
        elif self.heart == "dots":
            turns = np.arange(6) * (pi / 3)
            for dx, dy in np.stack([np.cos(turns), np.sin(turns)], 1).tolist():
                canvas.disc((x + core * 0.6 * dx, y + core * 0.6 * dy), core * 0.2, coat.trim)
