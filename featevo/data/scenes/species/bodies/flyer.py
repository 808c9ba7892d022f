"""Flyers: airships, rockets, saucers and gliders, a hull with wings, fins, portholes and parts below."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval, star

_GLASS = (196, 226, 240)
# Half the width and half the height of a hull, and the power of its outline.
_HULLS = {"blimp": (0.72, 0.34, 2.0), "rocket": (0.78, 0.2, 1.6), "saucer": (0.78, 0.2, 2.0), "ball": (0.48, 0.5, 2.0)}


@dataclass(frozen=True)
class Flyer:
    """A flyer's genes: lengths in the frame, kinds by name."""

    hull: str
    stretch: float
    wing: str
    span: float
    sweep: float
    fins: int
    fin: float
    ports: int
    pane: str
    below: str
    above: str
    nose: str
    jet: str

    @classmethod
    def design(cls, chance: Chance) -> Flyer:
        """The genes of a new one."""
        return cls(
            hull=chance.one_of(*_HULLS),
            stretch=chance.between(0.85, 1.2),
            wing=chance.one_of("none", "leaf", "petal", "strap", "spike", "saw"),
            span=chance.between(0.4, 0.7),
            sweep=chance.between(-0.5, 0.8),
            fins=chance.count(0, 3),
            fin=chance.between(0.25, 0.42),
            ports=chance.count(0, 4),
            pane=chance.one_of(*parts.WINDOWS),
            below=chance.one_of("none", "gondola", "legs", "lamps", "claw", "beam"),
            above=chance.one_of("none", "dome", "rotor", "mast", "sail", "crest"),
            nose=chance.one_of("none", "cone", "prop", "spike", "eye"),
            jet=chance.one_of("none", "flame", "prop", "puffs"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {"blimp": "airship", "rocket": "rocket", "saucer": "saucer", "ball": "balloon"}[self.hull]

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its nose to the left."""
        wide, tall, power = _HULLS[self.hull]
        wide, tall = wide * min(self.stretch, 1.1), chance.about(tall / self.stretch, 0.06)
        self._jet(canvas, coat, wide, chance)
        self._above(canvas, coat, tall)
        self._below(canvas, coat, wide, tall, chance)
        for place in range(self.fins):
            side = (-1.0, 1.0, 0.0)[place]
            outline = blade((wide * 0.62, side * tall * 0.4), side * 0.85, self.fin * 1.25, self.fin * 0.4, "strap")
            canvas.polygon(outline, darker(coat.second, 0.2))
        if self.wing != "none":
            # The far wing, behind the hull.
            canvas.polygon(
                blade((0.1, -tall * 0.3), -pi / 2 + self.sweep, self.span * 0.8, 0.15, self.wing),
                darker(coat.second, 0.35),
            )
        coat.cover(canvas, oval((0, 0), (wide, tall), power=power))
        if self.hull == "saucer":
            canvas.polygon(oval((0, 0.02), (wide, tall * 0.3)), coat.second)
        self._nose(canvas, coat, wide, tall)
        half = min(0.11, tall * 0.5)
        for place in range(self.ports):
            x = (place - (self.ports - 1) / 2) * half * 3.0 - 0.12
            parts.window(canvas, (x, -tall * 0.15), (half, half), self.pane, _GLASS, coat.trim)
        if self.wing != "none":
            turn = pi / 2 - self.sweep + chance.between(-0.15, 0.15)
            coat.cover_second(canvas, blade((0.05, tall * 0.35), turn, self.span, 0.2, self.wing))

    def _nose(self, canvas: Canvas, coat: Coat, wide: float, tall: float) -> None:
        if self.nose == "cone":
            canvas.polygon([(-wide * 0.72, -tall * 0.7), (-wide - 0.18, 0.0), (-wide * 0.72, tall * 0.7)], coat.accent)
        elif self.nose == "spike":
            canvas.stroke([(-wide * 0.9, 0), (-0.97, 0)], (0.1, 0.03), coat.trim)
        elif self.nose == "prop":
            for turn in (-1.2, 1.9):
                canvas.polygon(blade((-wide - 0.02, 0.0), turn, 0.36, 0.06), coat.accent)
            canvas.disc((-wide, 0.0), 0.07, coat.trim)
        elif self.nose == "eye":
            parts.eye(canvas, (-wide * 0.6, -tall * 0.1), tall * 0.45, coat.accent, "wide")

    def _above(self, canvas: Canvas, coat: Coat, tall: float) -> None:
        y = -tall * 0.85
        if self.above == "dome":
            canvas.polygon(oval((0, y), (0.34, 0.3)), _GLASS)
            canvas.polygon(oval((-0.12, y - 0.12), (0.08, 0.08)), (246, 250, 252))
        elif self.above == "rotor":
            canvas.stroke([(0, y + 0.1), (0, y - 0.2)], 0.06, coat.trim)
            canvas.polygon(oval((0, y - 0.22), (0.62, 0.05)), coat.accent)
        elif self.above == "mast":
            canvas.stroke([(0, y + 0.1), (0, y - 0.34)], 0.05, coat.trim)
            canvas.disc((0, y - 0.36), 0.09, coat.accent)
        elif self.above == "sail":
            canvas.polygon([(-0.25, y + 0.05), (0.1, y - 0.45), (0.35, y + 0.05)], coat.accent)
        elif self.above == "crest":
            for x in (-0.3, -0.1, 0.1, 0.3):
                canvas.polygon(blade((x, y + 0.1), -pi / 2 + 0.4, 0.34, 0.09), coat.accent)

    def _below(self, canvas: Canvas, coat: Coat, wide: float, tall: float, chance: Chance) -> None:
        y = tall * 0.85
        if self.below == "gondola":
            for x in (-0.18, 0.18):
                canvas.stroke([(x * 1.3, y - 0.1), (x, y + 0.2)], 0.035, coat.trim)
            coat.cover_second(canvas, box(-0.26, y + 0.36, 0.26, y + 0.16, 0.08))
        elif self.below == "legs":
            for x in (-0.4, 0.0, 0.4):
                parts.leg(canvas, (x * wide, y - 0.05), (x * 1.3, y + 0.32), 0.0, 0.07, coat.trim, "ball", coat.accent)
        elif self.below == "lamps":
            for x in (-0.45, -0.15, 0.15, 0.45):
                canvas.disc((x * wide * 1.3, y * (1.0 - abs(x) * 0.5)), 0.09, coat.accent)
        elif self.below == "claw":
            drop = y + chance.between(0.15, 0.3)
            canvas.stroke([(0, y - 0.05), (0, drop)], 0.05, coat.trim)
            for side in (-1.0, 1.0):
                canvas.stroke([(0, drop), (side * 0.16, drop + 0.1), (side * 0.06, drop + 0.24)], 0.06, coat.accent)
        elif self.below == "beam":
            canvas.polygon([(-0.12, y), (0.12, y), (0.42, 0.92), (-0.42, 0.92)], lighter(coat.accent, 0.4), opacity=0.6)

    def _jet(self, canvas: Canvas, coat: Coat, wide: float, chance: Chance) -> None:
        x = wide * 0.92
        if self.jet == "flame":
            canvas.polygon(blade((x - 0.1, 0), chance.between(-0.1, 0.1), 0.42, 0.17), (250, 150, 40))
            canvas.polygon(blade((x - 0.1, 0), 0.0, 0.3, 0.1), (255, 236, 130))
        elif self.jet == "prop":
            canvas.polygon(star((x, 0.0), 4, 0.34, 0.07, angle=chance.between(0, 1.5)), coat.accent)
        elif self.jet == "puffs":
            for k in np.arange(3).tolist():
                canvas.disc((x + 0.1 * k, 0.05 * (-1) ** k), 0.13 - 0.025 * k, (222, 222, 226))
