"""Crawlers: snakes, snails and caterpillars, a soft body along the ground, bare or with humps, legs or a shell."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point, curve
from featevo.data.scenes.palette import darker
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, oval, star


@dataclass(frozen=True)
class Crawler:
    """A crawler's genes: lengths in the frame, kinds by name."""

    form: str
    thick: float
    waves: float
    height: float
    beads: int
    rear: float
    head: float
    crown: str
    horn: float
    eye: str
    shell: str
    dome: float
    extra: str

    @classmethod
    def design(cls, chance: Chance) -> Crawler:
        """The genes of a new one."""
        return cls(
            form=chance.one_of("snake", "snail", "snail", "worm"),
            thick=chance.between(0.16, 0.3),
            waves=chance.one_of(1.0, 1.5, 2.0, 2.5),
            height=chance.between(0.15, 0.4),
            beads=chance.count(4, 8),
            rear=chance.between(0.1, 0.6),
            head=chance.between(0.15, 0.26),
            crown=chance.one_of(*parts.CROWNS),
            horn=chance.between(0.2, 0.4),
            eye=chance.one_of("round", "slit", "wide", "bead", "lidded"),
            shell=chance.one_of("spiral", "cone", "spiky", "dome", "house"),
            dome=chance.between(0.34, 0.52),
            extra=chance.one_of("none", "spikes", "legs", "tufts", "rattle"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {"snake": "slider", "snail": "snail", "worm": "worm"}[self.form]

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its head to the left."""
        low = 0.62
        rise = low - chance.about(self.rear, 0.15) - 0.12
        if self.form == "snail":
            body = [(0.9, low + 0.1), (0.3, low + 0.04), (-0.35, low), (-0.6, (low + rise) / 2), (-0.66, rise)]
            canvas.stroke(curve(body, 4), (0.06, self.thick * 1.2, self.thick * 1.2, self.thick), coat.second)
            self._shell(canvas, coat, (0.16, low - self.dome * 0.75), chance.about(self.dome, 0.08))
        else:
            x = np.linspace(0.85, -0.62, 16)
            lift = self.height * np.sin(np.linspace(0, 2 * pi * self.waves, 16) + chance.between(-0.3, 0.3))
            y = low - 0.25 + lift * (1.0 if self.form == "snake" else 0.4)
            y[-4:] = np.linspace(y[-4], rise, 4)
            self._long(canvas, coat, np.stack([x, y], axis=1))
            rise = float(y[-1])
        head = (-0.66, rise)
        size = chance.about(self.head)
        parts.crown(canvas, self.crown, (head[0], rise - size * 0.7), size * 0.5, self.horn, coat.accent, coat.second)
        skin = coat.second if self.form == "snail" else coat.main
        canvas.polygon(oval(head, (size * 1.15, size * 0.9)), darker(skin, 0.08))
        parts.eye(canvas, (head[0] - size * 0.25, rise - size * 0.2), size * 0.42, coat.accent, self.eye)
        mouth = [
            (head[0] - size, rise + size * 0.3),
            (head[0] - size * 0.5, rise + size * 0.5),
            (head[0], rise + size * 0.4),
        ]
        canvas.stroke(mouth, 0.04, coat.trim)

    def _long(self, canvas: Canvas, coat: Coat, path: np.ndarray) -> None:
        beads = np.linspace(0, len(path) - 1, self.beads + 2).astype(int)[1:-1]
        for place, (x, y) in enumerate(path[beads].tolist()):
            if self.extra == "spikes":
                canvas.polygon(blade((x, y), -pi / 2, self.thick + 0.16, 0.1, "spike"), coat.accent)
            elif self.extra == "legs":
                canvas.stroke([(x, y), (x + 0.05 * (-1) ** place, y + self.thick + 0.12)], (0.09, 0.06), coat.trim)
            elif self.extra == "tufts":
                canvas.stroke([(x, y), (x, y - self.thick - 0.1)], 0.05, coat.trim)
                canvas.disc((x, y - self.thick - 0.1), 0.08, coat.accent)
        if self.extra == "rattle":
            for place in range(3):
                canvas.disc(
                    (float(path[0, 0]) - 0.02 + 0.03 * place, float(path[0, 1]) - 0.1 * place), 0.11, coat.accent
                )
        if self.form == "snake":
            canvas.stroke(path, (0.07, self.thick, self.thick, self.thick * 0.9), coat.main)
            for x, y in path[1:-1].tolist()[::2]:
                canvas.polygon(
                    oval((x, y - self.thick * 0.1), (self.thick * 0.3, self.thick * 0.3), power=1.2), coat.second
                )
        else:
            for place, (x, y) in enumerate(path[beads].tolist()):
                size = self.thick * (1.0 - 0.3 * (place == 0))
                (coat.cover if place % 2 else coat.cover_second)(canvas, oval((x, y), (size, size * 1.05)))

    def _shell(self, canvas: Canvas, coat: Coat, at: Point, size: float) -> None:
        x, y = at
        if self.shell == "cone":
            coat.cover(
                canvas,
                np.array(
                    [(x - size, y + size * 0.7), (x + size * 0.7, y - size * 1.2), (x + size * 0.9, y + size * 0.7)]
                ),
            )
            return
        if self.shell == "house":
            coat.cover(canvas, oval((x, y + 0.1), (size, size * 0.75), power=8.0))
            canvas.polygon(
                [(x - size * 1.15, y - size * 0.5), (x, y - size * 1.3), (x + size * 1.15, y - size * 0.5)], coat.accent
            )
            parts.window(canvas, (x, y + 0.1), (0.13, 0.15), "arch", coat.accent, coat.trim)
            return
        if self.shell == "spiky":
            canvas.polygon(star(at, 9, size * 1.25, size * 0.85, angle=-pi / 2), coat.accent)
        if self.shell == "dome":
            coat.cover(canvas, oval((x, y + size * 0.2), (size * 1.25, size * 0.85)))
        else:
            coat.cover(canvas, oval(at, (size, size)))
        if self.shell == "spiral":
            turn = np.linspace(0, 4.2 * pi, 26)
            reach = size * (0.9 - 0.85 * turn / turn[-1])
            canvas.stroke(np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], axis=1), 0.06, coat.trim)
