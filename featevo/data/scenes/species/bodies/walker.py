"""Walkers: animals seen from the side, on two to six legs, with a neck, a head and a tail."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval


@dataclass(frozen=True)
class Walker:
    """A walker's genes: lengths in the frame, angles in radians, kinds by name."""

    legs: int
    stride: float
    thick: float
    knee: float
    shoe: str
    long: float
    tall: float
    power: float
    neck: float
    rise: float
    head: float
    face: str
    crown: str
    horn: float
    eye: str
    tail: str
    back: str

    @classmethod
    def design(cls, chance: Chance) -> Walker:
        """The genes of a new one."""
        return cls(
            legs=chance.one_of(2, 2, 4, 4, 6),
            stride=chance.between(0.2, 0.7),
            thick=chance.between(0.07, 0.2),
            knee=chance.one_of(-0.12, 0.0, 0.1),
            shoe=chance.one_of("none", "hoof", "flipper", "claw", "ball"),
            long=chance.between(0.3, 0.6),
            tall=chance.between(0.2, 0.42),
            power=chance.one_of(1.4, 2.0, 2.0, 4.0),
            neck=chance.one_of(0.08, 0.25, 0.45, 0.6),
            rise=chance.between(0.5, 1.5),
            head=chance.between(0.15, 0.3),
            face=chance.one_of("round", "wedge", "box", "beak", "trunk", "bill"),
            crown=chance.one_of(*parts.CROWNS),
            horn=chance.between(0.2, 0.42),
            eye=chance.one_of("round", "slit", "wide", "bead", "lidded"),
            tail=chance.one_of("none", "whip", "bush", "curl", "club", "fan"),
            back=chance.one_of("none", "none", "spikes", "humps", "sail", "shell"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.legs == 2:
            return "wader" if self.stride > 0.45 else "hopper"
        return "runner" if self.legs == 4 else "scuttler"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its head to the left."""
        long, tall = chance.about(self.long), chance.about(self.tall)
        middle = (0.12, 0.9 - self.stride - tall * 0.7)
        self._tail(canvas, coat, (middle[0] + long * 0.9, middle[1] - tall * 0.2), chance)
        for place in range(self.legs):
            spot = (place + 0.5) / self.legs * 2 - 1
            hip = (middle[0] + spot * long * 0.8, middle[1] + tall * 0.4)
            foot = (hip[0] + chance.between(-0.14, 0.14), 0.9)
            ink = darker(coat.main, 0.15 if place % 2 else 0.4)
            parts.leg(canvas, hip, foot, self.knee, self.thick, ink, self.shoe, coat.trim)
        self._back(canvas, coat, middle, long, tall)
        coat.cover(canvas, oval(middle, (long, tall), power=self.power))
        if self.back == "shell":
            coat.cover_second(canvas, oval((middle[0], middle[1] - tall * 0.35), (long * 0.85, tall * 0.9)))
        turn = pi + self.rise + chance.between(-0.25, 0.25)
        root = (middle[0] - long * 0.7, middle[1] - tall * 0.2)
        reach = self.neck + self.head
        top = (root[0] + reach * cos(turn), max(root[1] + reach * sin(turn), -0.72))
        canvas.stroke([(root[0] + 0.1, root[1] + 0.05), top], (max(self.thick, tall * 0.8), self.head * 0.9), coat.main)
        self._head(canvas, coat, top, chance.about(self.head))

    def _head(self, canvas: Canvas, coat: Coat, at: Point, size: float) -> None:
        x, y = at
        parts.crown(
            canvas, self.crown, (x + size * 0.2, y - size * 0.6), size * 0.45, self.horn, coat.second, coat.accent
        )
        if self.face == "beak":
            canvas.polygon(
                [(x - size * 0.5, y - size * 0.5), (x - size * 2.1, y + size * 0.3), (x - size * 0.5, y + size * 0.6)],
                coat.accent,
            )
        elif self.face == "bill":
            canvas.polygon(oval((x - size * 1.2, y + size * 0.3), (size * 0.9, size * 0.3)), coat.accent)
        elif self.face == "wedge":
            canvas.polygon(
                [
                    (x, y - size * 0.9),
                    (x - size * 1.7, y + size * 0.35),
                    (x - size * 1.5, y + size * 0.7),
                    (x, y + size),
                ],
                coat.main,
            )
            canvas.disc((x - size * 1.55, y + size * 0.5), size * 0.2, coat.trim)
        elif self.face == "trunk":
            path = curve(
                [
                    at,
                    (x - size * 1.2, y + size * 0.3),
                    (x - size * 1.3, y + size * 1.6),
                    (x - size * 1.9, y + size * 1.9),
                ],
                4,
            )
            canvas.stroke(path, (size, size * 0.5, size * 0.35), darker(coat.main, 0.12))
        coat.cover(canvas, oval(at, (size, size * 0.85), power=5.0 if self.face == "box" else 2.0))
        if self.face in ("box", "round"):
            canvas.ellipse((x - size * 0.75, y + size * 0.3), (size * 0.5, size * 0.42), coat.second)
            canvas.stroke([(x - size, y + size * 0.45), (x - size * 0.4, y + size * 0.45)], 0.035, coat.trim)
        parts.eye(canvas, (x - size * 0.2, y - size * 0.2), size * 0.38, coat.accent, self.eye)

    def _back(self, canvas: Canvas, coat: Coat, middle: Point, long: float, tall: float) -> None:
        x, y = middle[0], middle[1] - tall * 0.75
        if self.back == "spikes":
            for spot in (-0.7, -0.35, 0.0, 0.35, 0.7):
                canvas.polygon(blade((x + spot * long, y + 0.1), -pi / 2 + spot * 0.4, 0.36, 0.1, "spike"), coat.second)
        elif self.back == "humps":
            for spot in (-0.4, 0.4):
                canvas.polygon(oval((x + spot * long, y), (long * 0.32, tall * 0.7)), coat.second)
        elif self.back == "sail":
            canvas.polygon(oval((x, y + 0.05), (long * 0.8, 0.4), power=1.5), coat.second)
            for spot in (-0.4, 0.0, 0.4):
                canvas.stroke([(x + spot * long, y), (x + spot * long * 1.1, y - 0.25)], 0.035, coat.accent)

    def _tail(self, canvas: Canvas, coat: Coat, root: Point, chance: Chance) -> None:
        x, y = root
        sway = chance.between(-0.15, 0.15)
        if self.tail in ("whip", "club", "bush"):
            end = (min(x + 0.4, 0.95), y + 0.1 + sway)
            canvas.stroke(curve([root, (x + 0.22, y - 0.12), end], 4), (0.16, 0.05), coat.main)
            if self.tail == "club":
                canvas.polygon(oval(end, (0.14, 0.12)), coat.accent)
            elif self.tail == "bush":
                canvas.polygon(blade((x + 0.1, y - 0.05), 0.5 + sway, 0.5, 0.15), coat.second)
        elif self.tail == "curl":
            turn = np.linspace(sway, 4.6 + sway, 12)
            path = np.stack([x + 0.16 + 0.16 * np.cos(pi - turn), y - 0.16 * np.sin(turn)], axis=1)
            canvas.stroke(path, (0.12, 0.05), coat.second)
        elif self.tail == "fan":
            for place, heading in enumerate((-1.1, -0.6, -0.1, 0.4)):
                ink = coat.accent if place > 1 else coat.second
                canvas.polygon(blade((x - 0.05, y), heading + sway, 0.5, 0.12, "petal"), ink)
