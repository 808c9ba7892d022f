"""Radiants: objects with rotational symmetry, seen from the front: cogs, suns, snowflakes, sea stars, fans."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval, star, turned


@dataclass(frozen=True)
class Radiant:
    """A radiant's genes: lengths in the frame, angles in radians, kinds by name."""

    rays: int
    ray: str
    reach: float
    broad: float
    core: float
    shape: str
    ring: str
    tips: str
    heart: str
    still: bool

    @classmethod
    def design(cls, chance: Chance) -> Radiant:
        """The genes of a new one."""
        return cls(
            rays=chance.count(3, 10),
            ray=chance.one_of("spike", "petal", "leaf", "strap", "saw", "branch", "curl", "drop"),
            reach=chance.between(0.68, 0.92),
            broad=chance.between(0.5, 1.1),
            core=chance.between(0.25, 0.6),
            shape=chance.one_of("disc", "disc", "star", "box", "poly"),
            ring=chance.one_of("none", "none", "hoop", "beads", "web"),
            tips=chance.one_of("none", "none", "balls", "rings"),
            heart=chance.one_of("hole", "face", "star", "eye", "rings", "spiral", "none"),
            still=chance.flag(0.5),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {"strap": "cog", "branch": "flake", "curl": "pinwheel", "spike": "sun", "drop": "wheel"}.get(
            self.ray, "star"
        )

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one."""
        # Some always have the same orientation, others a random one.
        start = -pi / 2 + (chance.between(-0.15, 0.15) if self.still else chance.between(0, 2 * pi / self.rays))
        reach, core = chance.about(self.reach, 0.06), chance.about(self.core, 0.08)
        turns = [start + 2 * pi * place / self.rays for place in range(self.rays)]
        broad = self.broad * min(0.42, pi * core / self.rays)
        if self.ring == "web":
            for share in (0.62, 0.9):
                corners = [(reach * share * cos(turn), reach * share * sin(turn)) for turn in [*turns, turns[0]]]
                canvas.stroke(corners, 0.045, coat.accent)
        elif self.ring == "hoop":
            canvas.disc((0, 0), reach * 0.86, coat.accent)
            canvas.disc((0, 0), reach * 0.72, darker(coat.accent, 0.6))
        for place, turn in enumerate(turns):
            self._ray(canvas, coat, turn, reach, broad, place)
        if self.ring == "beads":
            for turn in turns:
                canvas.disc(
                    (reach * 0.72 * cos(turn + pi / self.rays), reach * 0.72 * sin(turn + pi / self.rays)),
                    0.09,
                    coat.accent,
                )
        if self.shape == "star":
            outline = star((0, 0), self.rays, core * 1.2, core * 0.75, start + pi / self.rays)
        elif self.shape == "poly":
            outline = star((0, 0), self.rays, core, core * cos(pi / self.rays), start)
        else:
            outline = turned(oval((0, 0), (core, core), power=8.0 if self.shape == "box" else 2.0), start)
        coat.cover(canvas, outline)
        self._heart(canvas, coat, core, start)

    def _ray(self, canvas: Canvas, coat: Coat, turn: float, reach: float, broad: float, place: int) -> None:
        across, down = cos(turn), sin(turn)
        tip = (reach * across, reach * down)
        ink = coat.second if place % 2 == 0 or self.rays % 2 else darker(coat.second, 0.25)
        if self.ray == "branch":
            canvas.stroke([(0, 0), tip], 0.08, coat.second)
            for share in (0.55, 0.8):
                for bend in (-0.8, 0.8):
                    root = (tip[0] * share, tip[1] * share)
                    canvas.stroke(
                        [root, (root[0] + 0.22 * cos(turn + bend), root[1] + 0.22 * sin(turn + bend))],
                        0.06,
                        coat.accent,
                    )
        elif self.ray == "curl":
            t = np.linspace(0, 1, 8)
            path = np.stack([reach * t * np.cos(turn + 0.9 * t * t), reach * t * np.sin(turn + 0.9 * t * t)], axis=1)
            canvas.stroke(path, (broad * 2, broad), ink)
        elif self.ray == "drop":
            canvas.stroke([(0, 0), tip], broad * 0.5, coat.trim)
            canvas.disc((tip[0] * 0.88, tip[1] * 0.88), max(broad, 0.1), ink)
        else:
            canvas.polygon(blade((0, 0), turn, reach, broad * (1.0 if self.ray != "spike" else 1.8), self.ray), ink)
        if self.tips == "balls":
            canvas.disc(tip, 0.08, coat.accent)
        elif self.tips == "rings":
            canvas.disc(tip, 0.12, coat.trim)
            canvas.disc(tip, 0.065, coat.main)

    def _heart(self, canvas: Canvas, coat: Coat, core: float, start: float) -> None:
        if self.heart == "hole":
            canvas.disc((0, 0), core * 0.45, darker(coat.trim, 0.4))
        elif self.heart == "face":
            for side in (-1.0, 1.0):
                parts.eye(canvas, (side * core * 0.38, -core * 0.15), core * 0.24, coat.accent, "wide")
            canvas.stroke([(-core * 0.35, core * 0.35), (0, core * 0.5), (core * 0.35, core * 0.35)], 0.05, coat.trim)
        elif self.heart == "star":
            canvas.polygon(star((0, 0), 5, core * 0.7, core * 0.3, start), coat.accent)
        elif self.heart == "eye":
            parts.eye(canvas, (0, 0), core * 0.65, coat.accent, "slit")
        elif self.heart == "rings":
            for share, ink in ((0.75, coat.accent), (0.5, coat.trim), (0.28, coat.second)):
                canvas.disc((0, 0), core * share, ink)
        elif self.heart == "spiral":
            turn = np.linspace(0, 4 * pi, 22)
            canvas.stroke(
                np.stack([np.cos(turn), np.sin(turn)], 1) * (core * 0.8 * turn / turn[-1])[:, None], 0.06, coat.trim
            )
