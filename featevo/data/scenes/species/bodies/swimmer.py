"""Swimmers: fish seen from the side, by the shape of the body, the fins, the tail and the snout."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval


@dataclass(frozen=True)
class Swimmer:
    """A swimmer's genes: lengths in the frame, kinds by name."""

    long: float
    tall: float
    power: float
    tail: str
    span: float
    back: str
    belly: str
    snout: str
    lure: str
    eye: str
    size: float
    fin: float

    @classmethod
    def design(cls, chance: Chance) -> Swimmer:
        """The genes of a new one."""
        long, tall = chance.one_of((0.62, 0.2), (0.55, 0.32), (0.48, 0.48), (0.36, 0.6), (0.66, 0.42))
        return cls(
            long=chance.about(long),
            tall=chance.about(tall),
            power=chance.one_of(1.2, 1.7, 2.0, 3.5),
            tail=chance.one_of("fork", "fan", "crescent", "point", "double", "veil"),
            span=chance.between(0.22, 0.45),
            back=chance.one_of("none", "spikes", "sail", "hook", "two", "ribbon"),
            belly=chance.one_of("none", "spikes", "sail", "streamers"),
            snout=chance.one_of("round", "sword", "beak", "jaw", "tube", "hammer"),
            lure=chance.one_of("none", "none", "lamp", "whiskers", "horn"),
            eye=chance.one_of("round", "slit", "wide", "bead", "lidded"),
            size=chance.between(0.07, 0.17),
            fin=chance.between(0.18, 0.4),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.tall > 0.45:
            return "disk" if self.long < 0.45 else "puffer"
        return "darter" if self.tall < 0.25 else "finner"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its snout to the left."""
        long, tall = chance.about(self.long, 0.08), chance.about(self.tall)
        end = (long * 0.85, chance.between(-0.05, 0.05))
        self._tail(canvas, coat, *end)
        self._fins(canvas, coat, long, tall)
        self._snout(canvas, coat, long, tall)
        coat.cover(canvas, oval((0, 0), (long, tall), power=self.power))
        if self.snout == "hammer":
            canvas.polygon(oval((-long * 0.95, 0), (0.1, max(tall * 0.9, 0.25)), power=4.0), darker(coat.main, 0.15))
        canvas.stroke(
            curve([(-long * 0.45, -tall * 0.5), (-long * 0.33, 0), (-long * 0.45, tall * 0.5)], 3),
            0.04,
            darker(coat.main, 0.45),
        )
        fin = blade((-long * 0.2, tall * 0.25), chance.between(0.2, 0.9), self.fin, self.fin * 0.35, "petal")
        canvas.polygon(fin, coat.accent)
        parts.eye(canvas, (-long * 0.62, -tall * 0.2), chance.about(self.size), coat.accent, self.eye)
        self._lure(canvas, coat, long, tall)

    def _tail(self, canvas: Canvas, coat: Coat, x: float, y: float) -> None:
        s, tip = self.span, min(x + self.span * 1.1, 0.98)
        if self.tail == "fan":
            coat.cover_second(canvas, np.array([(x - 0.1, y), (tip, y - s), (tip + 0.05, y), (tip, y + s)]))
        elif self.tail == "point":
            canvas.polygon([(x - 0.15, y - 0.12), (tip, y), (x - 0.15, y + 0.12)], coat.second)
        elif self.tail == "veil":
            for turn in (-0.7, -0.25, 0.2, 0.65):
                canvas.polygon(blade((x - 0.1, y), turn, s * 1.6, 0.13), coat.second if turn < 0 else coat.accent)
        else:
            notch = {"fork": 0.35, "crescent": 0.75, "double": 0.5}[self.tail]
            knots = [(x - 0.1, y - 0.08), (tip, y - s), (tip - (tip - x) * notch, y), (tip, y + s), (x - 0.1, y + 0.08)]
            coat.cover_second(canvas, np.array(knots))
            if self.tail == "double":
                for side in (-1.0, 1.0):
                    canvas.polygon(blade((x - 0.25, y), side * 0.9, s * 1.2, 0.09, "spike"), coat.accent)

    def _fins(self, canvas: Canvas, coat: Coat, long: float, tall: float) -> None:
        for kind, side, ink in ((self.back, -1.0, coat.second), (self.belly, 1.0, coat.accent)):
            y = side * tall * 0.75
            reach = side * (tall + self.fin)
            if kind == "spikes":
                for spot in (-0.4, -0.1, 0.2, 0.5):
                    canvas.polygon(blade((spot * long, y), side * (pi / 2 - 0.35), self.fin * 1.1, 0.08, "spike"), ink)
            elif kind == "sail":
                canvas.polygon([(-long * 0.6, y * 0.8), (-long * 0.1, reach), (long * 0.8, side * tall * 0.35)], ink)
            elif kind == "hook":
                canvas.polygon([(-long * 0.25, y), (long * 0.4, reach * 1.1), (long * 0.3, y)], ink)
            elif kind == "two":
                for spot in (-0.35, 0.3):
                    canvas.polygon(blade((spot * long, y), side * (pi / 2 - 0.4), self.fin, 0.13, "petal"), ink)
            elif kind == "ribbon":
                canvas.stroke(
                    [(spot * long, y * 1.1 - 0.08 * (k % 2)) for k, spot in enumerate(np.linspace(-0.6, 0.8, 9))],
                    0.1,
                    ink,
                )
            elif kind == "streamers":
                for spot in (-0.3, 0.1):
                    canvas.stroke(
                        curve([(spot * long, y), (spot * long + 0.1, reach), (spot * long + 0.4, reach + 0.12)], 3),
                        (0.09, 0.03),
                        ink,
                    )

    def _snout(self, canvas: Canvas, coat: Coat, long: float, tall: float) -> None:
        x = -long * 0.8
        if self.snout == "sword":
            canvas.polygon([(x, -0.09), (-0.98, 0.0), (x, 0.09)], coat.trim)
        elif self.snout == "beak":
            canvas.polygon([(x, -tall * 0.4), (x - 0.34, 0.05), (x, tall * 0.4)], coat.accent)
        elif self.snout == "tube":
            canvas.stroke([(x, 0.05), (x - 0.28, 0.1)], (0.14, 0.1), coat.main)
            canvas.disc((x - 0.3, 0.1), 0.09, coat.second)
        elif self.snout == "jaw":
            canvas.polygon([(x + 0.1, tall * 0.1), (x - 0.3, -0.02), (x + 0.2, tall * 0.75)], darker(coat.main, 0.2))
            for tooth in (0.05, 0.14, 0.23):
                canvas.polygon([(x - tooth, 0.06), (x - tooth + 0.08, 0.06), (x - tooth + 0.04, -0.1)], (250, 248, 238))

    def _lure(self, canvas: Canvas, coat: Coat, long: float, tall: float) -> None:
        x, y = -long * 0.6, -tall * 0.6
        if self.lure == "lamp":
            lamp = (x - 0.3, y - 0.12)
            canvas.stroke(curve([(x, y), (x - 0.1, y - 0.3), lamp], 3), 0.045, coat.trim)
            canvas.disc(lamp, 0.1, coat.accent)
        elif self.lure == "whiskers":
            for drop in (0.15, 0.3):
                canvas.stroke(
                    curve(
                        [
                            (-long * 0.85, tall * 0.2),
                            (-long, tall * 0.2 + drop),
                            (-long * 0.8, tall * 0.3 + drop * 1.6),
                        ],
                        3,
                    ),
                    0.035,
                    coat.trim,
                )
        elif self.lure == "horn":
            canvas.polygon(blade((x, y + 0.1), -pi / 2 - 0.5, 0.4, 0.09, "spike"), coat.second)
