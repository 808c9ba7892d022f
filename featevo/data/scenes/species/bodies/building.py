"""Buildings: one to three towers with roofs, windows, a door, a flag or a chimney."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import box, oval

_ROOFS = ("gable", "dome", "crenel", "onion", "slant", "pagoda", "flat")


@dataclass(frozen=True)
class Tower:
    """One tower: its position, half its width, its height, how it narrows, its roof and rows of windows."""

    x: float
    wide: float
    tall: float
    lean: float
    roof: str
    rows: int
    columns: int


@dataclass(frozen=True)
class Building:
    """A building's genes: lengths in the frame, kinds by name."""

    towers: tuple[Tower, ...]
    pane: str
    lit: bool
    door: str
    extra: str
    ground: str

    @classmethod
    def design(cls, chance: Chance) -> Building:
        """The genes of a new one."""
        count = chance.one_of(1, 1, 2, 3)
        roofs = (chance.one_of(*_ROOFS), chance.one_of(*_ROOFS))
        room = {1: (0.3, 0.72), 2: (0.26, 0.44), 3: (0.18, 0.3)}[count]
        towers = tuple(
            Tower(
                x={1: (0.0,), 2: (-0.42, 0.42), 3: (-0.6, 0.6, 0.0)}[count][place],
                wide=chance.between(*room),
                tall=chance.between(0.6, 1.3),
                lean=chance.one_of(0.0, 0.0, 0.08, -0.06),
                roof=roofs[place == 2],
                rows=chance.count(1, 3),
                columns=chance.count(1, 3) if count == 1 else 1,
            )
            for place in range(count)
        )
        return cls(
            towers=towers,
            pane=chance.one_of(*parts.WINDOWS),
            lit=chance.flag(0.5),
            door=chance.one_of("arch", "box", "round", "gate", "none"),
            extra=chance.one_of("none", "flag", "chimney", "clock", "wheel", "stairs"),
            ground=chance.one_of("none", "hill", "legs", "slab"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if len(self.towers) > 1:
            return "keep" if len(self.towers) == 3 else "hall"
        return "tower" if self.towers[0].tall > 1.5 * self.towers[0].wide + 0.2 else "lodge"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, upright."""
        floor = 0.74 if self.ground == "legs" else 0.88
        if self.ground == "hill":
            canvas.polygon(oval((0, 0.98), (0.95, 0.24)), darker(coat.accent, 0.45))
        elif self.ground == "slab":
            canvas.polygon(box(-0.95, 0.84, 0.95, 0.97, 0.08), coat.trim)
        elif self.ground == "legs":
            for tower in self.towers:
                for side in (-0.7, 0.7):
                    canvas.stroke(
                        [(tower.x + side * tower.wide, 0.7), (tower.x + side * tower.wide, 0.94)], 0.1, coat.trim
                    )
        if len(self.towers) == 2:
            canvas.polygon(box(-0.42, floor - 0.45, 0.42, floor), darker(coat.main, 0.25))
        for tower in self.towers:
            self._tower(canvas, coat, tower, floor, chance)
        middle = self.towers[-1]
        self._door(canvas, coat, 0.0 if len(self.towers) == 2 else middle.x, min(0.16, middle.wide * 0.6), floor)
        self._extra(canvas, coat, middle, floor, chance)

    def _tower(self, canvas: Canvas, coat: Coat, tower: Tower, floor: float, chance: Chance) -> None:
        tall = chance.about(tower.tall, 0.08)
        top, wide = floor - tall, chance.about(tower.wide, 0.06)
        narrow = wide - tower.lean
        self._roof(canvas, coat, tower.roof, (tower.x, top), narrow)
        coat.cover(canvas, box(tower.x - wide, top, tower.x + wide, floor, tower.lean))
        glass = (252, 226, 130) if self.lit else (64, 84, 112)
        half = min(0.12, narrow / tower.columns * 0.55)
        step = (tall - 0.4) / tower.rows
        for row in range(tower.rows):
            for column in range(tower.columns):
                x = tower.x + (column - (tower.columns - 1) / 2) * 2 * narrow / tower.columns * 0.85
                y = top + 0.08 + step * (row + 0.5)
                parts.window(canvas, (x, y), (half, min(half * 1.2, step * 0.4)), self.pane, glass, coat.trim)

    def _roof(self, canvas: Canvas, coat: Coat, kind: str, at: Point, wide: float) -> None:
        x, y = at
        over = wide * 1.2
        high = min(0.5, max(0.2, y + 0.95))
        if kind == "gable":
            coat.cover_second(canvas, np.array([(x - over, y + 0.03), (x, y - high), (x + over, y + 0.03)]))
        elif kind == "dome":
            coat.cover_second(canvas, oval((x, y), (wide, high)))
            canvas.disc((x, y - high), 0.06, coat.accent)
        elif kind == "crenel":
            canvas.polygon(box(x - over, y - 0.08, x + over, y + 0.06), coat.second)
            for place in (-0.9, -0.3, 0.3, 0.9):
                canvas.polygon(
                    box(x + place * over - over * 0.14, y - 0.2, x + place * over + over * 0.14, y), coat.second
                )
        elif kind == "onion":
            canvas.polygon(
                [(x - wide * 0.3, y - high * 0.5), (x, y - high * 1.25), (x + wide * 0.3, y - high * 0.5)], coat.second
            )
            coat.cover_second(canvas, oval((x, y - high * 0.3), (wide * 1.1, high * 0.42)))
        elif kind == "slant":
            coat.cover_second(
                canvas,
                np.array(
                    [(x - over, y - high * 0.8), (x + over, y - 0.05), (x + over, y + 0.05), (x - over, y + 0.05)]
                ),
            )
        elif kind == "pagoda":
            for level in range(2):
                half, low = over * (1.15 - 0.4 * level), y + 0.04 - high * 0.5 * level
                eaves = [
                    (x - half, low - 0.1),
                    (x - half * 0.5, low - high * 0.5),
                    (x + half * 0.5, low - high * 0.5),
                    (x + half, low - 0.1),
                ]
                canvas.polygon(
                    [*eaves, (x + half * 0.8, low), (x - half * 0.8, low)],
                    coat.second if level else darker(coat.second, 0.2),
                )
        else:
            canvas.polygon(box(x - over, y - 0.09, x + over, y + 0.04), coat.second)

    def _door(self, canvas: Canvas, coat: Coat, x: float, half: float, floor: float) -> None:
        ink = coat.accent
        if self.door == "arch":
            parts.window(canvas, (x, floor - 0.13), (half, 0.14), "arch", darker(ink, 0.2), coat.trim)
        elif self.door == "box":
            canvas.polygon(box(x - half, floor - 0.32, x + half, floor), ink)
            canvas.disc((x + half * 0.5, floor - 0.15), 0.035, lighter(ink, 0.7))
        elif self.door == "round":
            canvas.disc((x, floor - 0.17), 0.18, coat.trim)
            canvas.disc((x, floor - 0.17), 0.13, ink)
        elif self.door == "gate":
            canvas.polygon(box(x - half * 1.2, floor - 0.3, x + half * 1.2, floor), (30, 26, 30))
            for bar in (-0.7, 0.0, 0.7):
                canvas.stroke([(x + bar * half, floor - 0.3), (x + bar * half, floor)], 0.04, ink)

    def _extra(self, canvas: Canvas, coat: Coat, tower: Tower, floor: float, chance: Chance) -> None:
        top = max(floor - tower.tall, -0.6)
        if self.extra == "flag":
            canvas.stroke([(tower.x, top), (tower.x, -0.97)], 0.045, coat.trim)
            wave = chance.between(-0.05, 0.05)
            canvas.polygon([(tower.x, -0.97), (tower.x + 0.34, -0.88 + wave), (tower.x, -0.76)], coat.accent)
        elif self.extra == "chimney":
            x = tower.x + tower.wide * 0.6
            canvas.polygon(box(x - 0.08, top - 0.34, x + 0.08, top + 0.05), coat.accent)
            for k in range(2):
                canvas.disc((x + 0.06 + 0.1 * k, top - 0.42 - 0.1 * k), 0.08 + 0.03 * k, (222, 222, 226))
        elif self.extra == "clock":
            canvas.disc((tower.x, top + 0.12), 0.19, coat.trim)
            canvas.disc((tower.x, top + 0.12), 0.15, (250, 246, 232))
            canvas.stroke(
                [(tower.x, top + 0.02), (tower.x, top + 0.12), (tower.x + 0.09, top + 0.12)], 0.035, (20, 18, 20)
            )
        elif self.extra == "wheel":
            hub, turn = (tower.x, (top + floor) / 2 - 0.25), chance.between(0, 1.5)
            for place in range(4):
                heading = turn + place * np.pi / 2
                tip = (hub[0] + 0.55 * np.cos(heading), hub[1] + 0.55 * np.sin(heading))
                canvas.stroke([hub, tip], (0.05, 0.16), coat.accent)
            canvas.disc(hub, 0.08, coat.trim)
        elif self.extra == "stairs":
            for step in range(3):
                half, y = tower.wide * 0.6 + 0.1 * step, floor - 0.09 + 0.05 * step
                canvas.polygon(
                    box(tower.x - half, y, tower.x + half, floor + 0.05), lighter(coat.trim, 0.25 + 0.1 * step)
                )
