"""Gadgets: clocks, radios and lanterns, a case with a face of dials, screens and knobs, on feet."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.dials import dial
from featevo.data.scenes.species.outlines import box, oval, star


@dataclass(frozen=True)
class Gadget:
    """A gadget's genes: lengths in the frame, kinds by name."""

    case: str
    wide: float
    tall: float
    face: str
    second: str
    side: str
    knobs: int
    top: str
    feet: str

    @classmethod
    def design(cls, chance: Chance) -> Gadget:
        """The genes of a new one."""
        wide, tall = chance.one_of((0.8, 0.36), (0.6, 0.5), (0.42, 0.6), (0.52, 0.52))
        return cls(
            case=chance.one_of("box", "round", "arch", "trapeze", "hexagon", "drum"),
            wide=chance.about(wide, 0.12),
            tall=chance.about(tall, 0.12),
            face=chance.one_of("clock", "screen", "grille", "lens", "gauge", "keys"),
            second=chance.one_of("none", "clock", "screen", "grille", "lens", "gauge", "slot"),
            side=chance.one_of("none", "crank", "arms", "ears", "horn", "plug"),
            knobs=chance.count(0, 5),
            top=chance.one_of("none", "antenna", "antennae", "handle", "bells", "bulb", "button", "funnel"),
            feet=chance.one_of("none", "pegs", "tripod", "wheels", "stand", "springs"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {
            "clock": "clock",
            "screen": "robot",
            "grille": "radio",
            "lens": "camera",
            "gauge": "meter",
            "keys": "organ",
        }[self.face]

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, from the front."""
        wide, tall = chance.about(self.wide, 0.06), chance.about(self.tall, 0.06)
        lift = 0.08 if self.top == "none" else 0.14
        self._feet(canvas, coat, wide, lift + tall, chance)
        self._side(canvas, coat, wide, lift, chance)
        self._top(canvas, coat, wide, lift - tall, chance)
        if self.case == "round":
            outline = oval((0, lift), (wide, tall * 1.05))
        elif self.case == "arch":
            turn = np.linspace(pi, 2 * pi, 14)
            arch = np.stack([wide * np.cos(turn), lift - tall * 0.1 + tall * 0.95 * np.sin(turn)], axis=1)
            outline = np.concatenate([arch, [(wide, lift + tall), (-wide, lift + tall)]])
        elif self.case == "trapeze":
            outline = box(-wide, lift - tall, wide, lift + tall, wide * 0.3)
        elif self.case == "hexagon":
            outline = star((0, lift), 3, 1.0, 1.0) * (wide * 1.08, 1.0)
            outline[:, 1] = lift + (outline[:, 1] - lift) * tall * 1.1
        else:
            outline = oval((0, lift), (wide, tall), power=3.2 if self.case == "drum" else 14.0)
        canvas.polygon((outline - (0, lift)) * 1.07 + (0, lift), darker(coat.trim, 0.2))
        coat.cover(canvas, outline)
        size = min(wide, tall) * 0.55
        across = wide > tall * 1.2
        spot = (
            ((-wide * 0.42, lift) if across else (0.0, lift - tall * 0.3))
            if self.second != "none"
            else (0.0, lift - 0.03)
        )
        dial(canvas, coat, self.face, spot, size if self.second != "none" else size * 1.2, chance)
        other = (wide * 0.45, lift) if across else (0.0, lift + tall * 0.45)
        dial(canvas, coat, self.second, other, size * 0.65, chance)
        for place in range(self.knobs):
            x = ((place + 0.5) / self.knobs * 2 - 1) * wide * 0.7
            canvas.disc((x, lift + tall * 0.8), 0.07, coat.trim if place % 2 else coat.accent)

    def _top(self, canvas: Canvas, coat: Coat, wide: float, y: float, chance: Chance) -> None:
        if self.top in ("antenna", "antennae"):
            for side in (-1.0, 1.0)[: 1 if self.top == "antenna" else 2]:
                tip = (side * wide * 0.8 + chance.between(-0.06, 0.06), max(y - 0.42, -0.95))
                canvas.stroke([(side * wide * 0.2, y + 0.05), tip], 0.05, coat.trim)
                canvas.disc(tip, 0.07, coat.accent)
        elif self.top == "handle":
            canvas.stroke(
                curve(
                    [(-wide * 0.6, y + 0.05), (-wide * 0.5, y - 0.22), (wide * 0.5, y - 0.22), (wide * 0.6, y + 0.05)],
                    3,
                ),
                0.09,
                coat.second,
            )
        elif self.top == "bells":
            for side in (-1.0, 1.0):
                canvas.polygon(oval((side * wide * 0.5, y - 0.02), (0.22, 0.2)), coat.accent)
        elif self.top == "bulb":
            canvas.disc((0, y - 0.12), 0.19, (255, 240, 160))
            canvas.polygon(box(-0.1, y - 0.04, 0.1, y + 0.05), coat.trim)
        elif self.top == "button":
            canvas.polygon(oval((0, y), (wide * 0.35, 0.13)), coat.accent)
        elif self.top == "funnel":
            coat.cover_second(canvas, box(-0.32, y + 0.03, 0.32, y - 0.3, 0.22))

    def _side(self, canvas: Canvas, coat: Coat, wide: float, y: float, chance: Chance) -> None:
        if self.side == "crank":
            canvas.stroke(
                [(wide * 0.9, y), (wide + 0.15, y), (wide + 0.15, y + chance.one_of(-0.2, 0.2))], 0.08, coat.trim
            )
        elif self.side == "plug":
            canvas.stroke(
                curve([(wide * 0.9, y + 0.2), (wide + 0.2, y + 0.3), (wide + 0.05, 0.75), (0.95, 0.85)], 4),
                0.05,
                coat.trim,
            )
        elif self.side == "horn":
            canvas.polygon([(wide * 0.7, y - 0.05), (wide + 0.32, y - 0.42), (wide + 0.36, y + 0.1)], coat.second)
        for side in (-1.0, 1.0):
            if self.side == "arms":
                lift = chance.between(-0.3, 0.3)
                canvas.stroke(
                    [
                        (side * wide * 0.9, y),
                        (side * (wide + 0.15), y + 0.12),
                        (side * min(wide + 0.26, 0.93), y + lift),
                    ],
                    0.09,
                    coat.trim,
                )
                canvas.disc((side * min(wide + 0.26, 0.93), y + lift), 0.09, coat.accent)
            elif self.side == "ears":
                canvas.polygon(oval((side * wide * 1.02, y - 0.08), (0.14, 0.24)), coat.second)

    def _feet(self, canvas: Canvas, coat: Coat, wide: float, y: float, chance: Chance) -> None:
        if self.feet == "stand":
            canvas.stroke([(0, y - 0.05), (0, 0.9)], 0.14, coat.trim)
            canvas.polygon(oval((0, 0.92), (0.4, 0.07)), coat.trim)
        for side in (-1.0, 1.0):
            x = side * wide * 0.65
            if self.feet == "pegs":
                canvas.stroke([(x, y - 0.08), (x, y + 0.1)], 0.13, coat.trim)
            elif self.feet == "tripod":
                canvas.stroke([(0, y - 0.08), (x, 0.93)], 0.07, coat.trim)
                canvas.stroke([(0, y - 0.08), (0, 0.93)], 0.07, coat.trim)
            elif self.feet == "wheels":
                parts.wheel(canvas, (x, y + 0.08), 0.17, "rings", coat.trim, coat.accent)
            elif self.feet == "springs":
                canvas.stroke(
                    [(x + (0.08 if k % 2 else -0.08), y - 0.06 + 0.06 * k) for k in range(5)], 0.05, coat.trim
                )
