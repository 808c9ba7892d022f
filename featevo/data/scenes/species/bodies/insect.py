"""Insects: seen from above, a row of segments with legs, wings and feelers."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval


@dataclass(frozen=True)
class Insect:
    """An insect's genes: lengths in the frame, angles in radians, kinds by name."""

    widths: tuple[float, ...]
    power: float
    legs: int
    reach: float
    bend: float
    wings: int
    wing: str
    span: float
    broad: float
    sweep: float
    feelers: str
    sting: str
    eyes: float

    @classmethod
    def design(cls, chance: Chance) -> Insect:
        """The genes of a new one."""
        return cls(
            widths=tuple(chance.between(0.13, 0.4) for _ in range(chance.count(1, 4))),
            power=chance.one_of(1.3, 2.0, 2.0, 4.0),
            legs=chance.one_of(2, 3, 3, 4, 5),
            reach=chance.between(0.3, 0.6),
            bend=chance.between(-0.5, 0.5),
            wings=chance.one_of(0, 0, 1, 2, 2),
            wing=chance.one_of("petal", "leaf", "heart", "strap", "saw"),
            span=chance.between(0.5, 0.85),
            broad=chance.between(0.12, 0.32),
            sweep=chance.between(-0.5, 0.6),
            feelers=chance.one_of("none", "straight", "curled", "pincers", "combs"),
            sting=chance.one_of("none", "spike", "fork", "bulb", "curl"),
            eyes=chance.between(0.06, 0.14),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.wings:
            return "moth" if self.broad > 0.2 else "wasp"
        return "beetle" if len(self.widths) < 3 else "mite"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its head up."""
        count = len(self.widths)
        tall = 1.1 / count
        # Segments from the head down; a single one is as long as two.
        spots = [-0.4 + tall * (place + 0.5) for place in range(count)]
        chest = min(spots[min(1, count - 1)], 0.0)
        self._legs(canvas, coat, chest, chance)
        self._sting(canvas, coat, chance)
        flap = chance.between(-0.15, 0.15)
        if self.feelers != "none":
            self._feelers(canvas, coat)
        for y, width in zip(reversed(spots), reversed(self.widths), strict=True):
            coat.cover(canvas, oval((0, y), (chance.about(width), tall * 0.62), power=self.power))
        for side in (-1.0, 1.0):
            for pair in range(self.wings):
                heading = self.sweep + flap + 0.85 * pair - 0.2
                outline = blade(
                    (0.04, chest + 0.1 * pair), heading, self.span * (1 - 0.25 * pair), self.broad, self.wing
                )
                coat.cover_second(canvas, outline * (side, 1.0))
        head = -0.5
        canvas.ellipse((0, head), (0.19, 0.17), darker(coat.main, 0.35))
        for side in (-1.0, 1.0):
            parts.eye(canvas, (side * 0.14, head - 0.04), self.eyes, coat.accent)

    def _legs(self, canvas: Canvas, coat: Coat, chest: float, chance: Chance) -> None:
        for place in range(self.legs):
            spread = (place + 0.5) / self.legs * 2 - 1
            for side in (-1.0, 1.0):
                heading = spread * 1.0 + chance.between(-0.1, 0.1)
                knee = (side * self.reach * cos(heading), chest + spread * 0.2 + self.reach * sin(heading))
                turn = heading + self.bend + (0.6 if spread > 0 else -0.6)
                foot = (knee[0] + side * 0.35 * cos(turn), knee[1] + 0.35 * sin(turn))
                canvas.stroke([(0, chest + spread * 0.2), knee, foot], (0.09, 0.07, 0.04), coat.trim)

    def _feelers(self, canvas: Canvas, coat: Coat) -> None:
        for side in (-1.0, 1.0):
            root = (side * 0.08, -0.6)
            if self.feelers == "pincers":
                path = curve([root, (side * 0.34, -0.72), (side * 0.1, -0.97)], 4)
                canvas.stroke(path, (0.14, 0.05), coat.accent)
                continue
            ends = [(side * 0.25, -0.85), (side * 0.5, -0.95)]
            if self.feelers == "curled":
                ends += [(side * 0.62, -0.8), (side * 0.5, -0.72)]
            path = curve([root, *ends], 3)
            canvas.stroke(path, 0.045, coat.trim)
            if self.feelers == "combs":
                for x, y in path[2::2].tolist():
                    canvas.stroke([(x, y), (x + side * 0.02, y + 0.16)], 0.04, coat.trim)
            elif self.feelers == "straight":
                canvas.disc(ends[-1], 0.065, coat.accent)

    def _sting(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        sway = chance.between(-0.1, 0.1)
        if self.sting == "spike":
            canvas.polygon(blade((0, 0.6), pi / 2 + sway, 0.36, 0.1, "spike"), coat.accent)
        elif self.sting == "fork":
            for side in (-1.0, 1.0):
                canvas.stroke([(0, 0.55), (side * 0.18 + sway, 0.95)], (0.09, 0.04), coat.accent)
        elif self.sting == "bulb":
            canvas.stroke([(0, 0.6), (sway, 0.82)], 0.08, coat.trim)
            canvas.disc((sway, 0.84), 0.12, coat.accent)
        elif self.sting == "curl":
            turn = np.linspace(0, 5.0, 14)
            canvas.stroke(
                np.stack([0.17 - 0.17 * np.cos(turn), 0.62 + 0.2 * np.sin(turn)], axis=1), (0.13, 0.04), coat.second
            )
