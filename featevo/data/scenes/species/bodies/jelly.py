"""Jellies: a dome with a hem and tentacles below it."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval


@dataclass(frozen=True)
class Jelly:
    """A jelly's genes: lengths in the frame, kinds by name."""

    wide: float
    tall: float
    blunt: float
    hem: str
    arms: int
    long: float
    thick: float
    wave: float
    tip: str
    splay: float
    eyes: int
    sight: str
    crown: str

    @classmethod
    def design(cls, chance: Chance) -> Jelly:
        """The genes of a new one."""
        return cls(
            wide=chance.between(0.5, 0.85),
            tall=chance.between(0.35, 0.75),
            blunt=chance.one_of(0.5, 0.8, 1.0, 1.5),
            hem=chance.one_of("scallops", "fringe", "band", "teeth", "none"),
            arms=chance.count(3, 8),
            long=chance.between(0.45, 0.95),
            thick=chance.between(0.05, 0.15),
            wave=chance.one_of(0.0, 0.05, 0.09),
            tip=chance.one_of("none", "ball", "leaf", "curl"),
            splay=chance.between(-0.2, 0.5),
            eyes=chance.one_of(0, 0, 1, 2, 3),
            sight=chance.one_of("round", "wide", "bead", "lidded"),
            crown=chance.one_of("none", "none", "spikes", "feelers", "crest", "tuft"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return "squid" if self.tall > 0.6 else "jelly" if self.arms > 5 else "drifter"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its dome up."""
        wide, tall = chance.about(self.wide, 0.08), chance.about(self.tall, 0.08)
        hem = -0.62 + tall
        phase = chance.between(0, 6)
        for place in range(self.arms):
            x = ((place + 0.5) / self.arms * 2 - 1) * wide * 0.85
            self._arm(canvas, coat, x, hem, phase + place, chance, place % 2 == 1)
        parts.crown(canvas, self.crown, (0, hem - tall * 0.92), wide * 0.3, 0.25, coat.second, coat.accent)
        turn = np.linspace(pi, 2 * pi, 18)
        across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** self.blunt
        coat.cover(canvas, np.stack([wide * across, hem + tall * np.sin(turn)], axis=1))
        self._hem(canvas, coat, wide, hem)
        for place in range(self.eyes):
            x = (place - (self.eyes - 1) / 2) * wide * 0.5
            parts.eye(canvas, (x, hem - tall * 0.35), 0.13, coat.accent, self.sight)

    def _arm(self, canvas: Canvas, coat: Coat, x: float, hem: float, phase: float, chance: Chance, back: bool) -> None:
        t = np.linspace(0, 1, 7)
        long = min(chance.about(self.long, 0.2), 0.96 - hem)
        sway = self.wave * np.sin(phase + t * 7.0) * np.minimum(1.0, 3 * t)
        path = np.stack([x * (1.0 + self.splay * t) + sway, hem - 0.05 + long * t], axis=1)
        ink = darker(coat.second, 0.25) if back else coat.second
        canvas.stroke(path, (self.thick, self.thick * 0.6), ink)
        end = (float(path[-1, 0]), float(path[-1, 1]))
        if self.tip == "ball":
            canvas.disc(end, self.thick * 0.95, coat.accent)
        elif self.tip == "leaf":
            canvas.polygon(blade((end[0], end[1] - 0.12), pi / 2, 0.24, 0.09), coat.accent)
        elif self.tip == "curl":
            turn = np.linspace(0, 4.5, 9)
            curl = np.stack([end[0] + 0.08 - 0.08 * np.cos(turn), end[1] + 0.08 * np.sin(turn)], axis=1)
            canvas.stroke(curl, self.thick * 0.6, ink)

    def _hem(self, canvas: Canvas, coat: Coat, wide: float, hem: float) -> None:
        spots = np.linspace(-0.86, 0.86, 7)
        if self.hem == "band":
            canvas.polygon(oval((0, hem - 0.02), (wide * 1.06, 0.1), power=5.0), coat.accent)
        for spot in spots.tolist():
            x = spot * wide
            if self.hem == "scallops":
                canvas.polygon(oval((x, hem), (wide * 0.15, 0.11)), coat.accent)
            elif self.hem == "teeth":
                canvas.polygon(
                    [(x - wide * 0.14, hem - 0.02), (x + wide * 0.14, hem - 0.02), (x, hem + 0.18)], coat.accent
                )
            elif self.hem == "fringe":
                canvas.stroke([(x, hem - 0.05), (x, hem + 0.12)], 0.06, coat.accent)
