"""Gazers: roundish creatures seen from the front, with one to four eyes, a mouth, arms and short legs."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import lathe, oval, star

# Widths of the body at five heights, from the top down.
_SHAPES = {
    "egg": (0.15, 0.75, 0.95, 1.0, 0.55),
    "pear": (0.15, 0.45, 0.6, 1.0, 0.7),
    "ghost": (0.2, 0.8, 0.85, 0.85, 0.95),
    "top": (0.6, 1.0, 0.9, 0.6, 0.15),
    "hourglass": (0.5, 0.9, 0.5, 0.9, 0.6),
}


@dataclass(frozen=True)
class Gazer:
    """A gazer's genes: lengths in the frame, kinds by name."""

    shape: str
    wide: float
    tall: float
    eyes: int
    sight: str
    size: float
    stalks: bool
    mouth: str
    arms: int
    pose: float
    hand: str
    legs: int
    shoe: str
    crown: str
    horn: float
    belly: bool

    @classmethod
    def design(cls, chance: Chance) -> Gazer:
        """The genes of a new one."""
        return cls(
            shape=chance.one_of(*_SHAPES, "box", "star", "diamond"),
            wide=chance.between(0.38, 0.62),
            tall=chance.between(0.42, 0.62),
            eyes=chance.one_of(1, 2, 2, 3, 4),
            sight=chance.one_of("round", "slit", "wide", "bead", "lidded"),
            size=chance.between(0.1, 0.19),
            stalks=chance.flag(0.25),
            mouth=chance.one_of("smile", "teeth", "round", "zigzag", "beak", "tusks"),
            arms=chance.one_of(0, 2, 2, 4),
            pose=chance.between(-0.6, 0.6),
            hand=chance.one_of("ball", "pincer", "flat"),
            legs=chance.one_of(0, 2, 2, 3, 4),
            shoe=chance.one_of("hoof", "flipper", "claw", "ball"),
            crown=chance.one_of(*parts.CROWNS),
            horn=chance.between(0.2, 0.42),
            belly=chance.flag(0.5),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.legs == 0:
            return "wisp"
        return "imp" if self.eyes == 2 else "ogler" if self.eyes > 2 else "winker"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one."""
        wide, tall = chance.about(self.wide), chance.about(self.tall, 0.08)
        lift = 0.04 if self.legs else 0.14
        for place in range(self.legs):
            x = ((place + 0.5) / self.legs * 2 - 1) * wide * 0.7
            parts.leg(
                canvas,
                (x, tall * 0.6),
                (x * 1.15 + chance.between(-0.06, 0.06), 0.88),
                0.0,
                0.15,
                darker(coat.main, 0.3),
                self.shoe,
                coat.trim,
            )
        for place in range(self.arms):
            self._arm(canvas, coat, -1.0 if place % 2 else 1.0, wide, (place // 2) * 0.3, chance)
        parts.crown(canvas, self.crown, (0.0, lift - tall * 0.88), wide * 0.4, self.horn, coat.second, coat.accent)
        if self.shape == "box":
            outline = oval((0, lift), (wide, tall), power=6.0)
        elif self.shape == "diamond":
            outline = oval((0, lift), (wide * 1.2, tall * 1.1), power=1.1)
        elif self.shape == "star":
            outline = star((0, lift), 7, tall * 1.1, tall * 0.72, angle=-pi / 2)
        else:
            heights = np.linspace(lift - tall, lift + tall, 5).tolist()
            outline = lathe(heights, [wide * half for half in _SHAPES[self.shape]])
        coat.cover(canvas, outline)
        if self.belly:
            canvas.ellipse((0, lift + tall * 0.5), (wide * 0.5, tall * 0.36), coat.second)
        self._face(canvas, coat, lift - tall * 0.25, wide, chance)

    def _face(self, canvas: Canvas, coat: Coat, y: float, wide: float, chance: Chance) -> None:
        size = chance.about(self.size * (1.5 if self.eyes == 1 else 1.0))
        apart = min(2.3 * size, 1.7 * wide / max(self.eyes, 1))
        for place in range(self.eyes):
            x = (place - (self.eyes - 1) / 2) * apart
            drop = 0.1 * abs(x) / wide
            if self.stalks:
                top = (x * 1.5, y - 0.3 + drop)
                canvas.stroke([(x, y), top], 0.09, coat.second)
                parts.eye(canvas, top, size, coat.accent, self.sight)
            else:
                parts.eye(canvas, (x, y + drop), size, coat.accent, self.sight)
        self._mouth(canvas, coat, (0.0, y + 0.3), wide * 0.4)

    def _mouth(self, canvas: Canvas, coat: Coat, at: Point, half: float) -> None:
        x, y = at
        if self.mouth == "round":
            canvas.ellipse(at, (half * 0.5, half * 0.5), (40, 10, 18))
        elif self.mouth == "beak":
            canvas.polygon(
                [(x - half * 0.6, y - half * 0.3), (x + half * 0.6, y - half * 0.3), (x, y + half * 0.8)], coat.accent
            )
        elif self.mouth == "zigzag":
            canvas.stroke([(x + (k - 3) / 3 * half, y + (0.06 if k % 2 else -0.04)) for k in range(7)], 0.05, coat.trim)
        else:
            smile = curve([(x - half, y - 0.03), (x, y + half * 0.4), (x + half, y - 0.03)], 4)
            if self.mouth == "teeth":
                canvas.polygon(smile, (40, 10, 18))
                for tooth in (-0.5, 0.0, 0.5):
                    canvas.polygon(
                        [(x + half * (tooth - 0.2), y), (x + half * (tooth + 0.2), y), (x + half * tooth, y + 0.1)],
                        (250, 248, 238),
                    )
            else:
                canvas.stroke(smile, 0.05, coat.trim)
            if self.mouth == "tusks":
                for side in (-1.0, 1.0):
                    canvas.polygon(
                        [(x + side * half, y), (x + side * half * 0.6, y + 0.04), (x + side * half * 1.1, y - 0.22)],
                        (250, 248, 238),
                    )

    def _arm(self, canvas: Canvas, coat: Coat, side: float, wide: float, drop: float, chance: Chance) -> None:
        root = (side * wide * 0.7, 0.1 + drop)
        hand = (side * min(wide + 0.34, 0.92), 0.1 + drop - chance.about(self.pose, 0.3))
        canvas.stroke(
            curve([root, (side * (wide + 0.12), root[1] + 0.1), hand], 3), (0.14, 0.09), darker(coat.main, 0.15)
        )
        if self.hand == "ball":
            canvas.disc(hand, 0.11, coat.accent)
        elif self.hand == "flat":
            canvas.polygon(oval(hand, (0.07, 0.17)), coat.second)
        else:
            for turn in (-0.1, 0.1):
                canvas.stroke([hand, (hand[0] + side * 0.08, hand[1] + turn)], (0.09, 0.04), coat.accent)
