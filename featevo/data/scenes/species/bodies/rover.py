"""Rovers: vehicles seen from the side, with a body, wheels or tracks, a cabin and a part on top."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval

_GLASS = (190, 222, 236)


@dataclass(frozen=True)
class Rover:
    """A rover's genes: lengths in the frame, kinds by name."""

    drive: str
    sizes: tuple[float, ...]
    wheel: str
    hull: str
    long: float
    tall: float
    cabin: str
    place: float
    wide: float
    high: float
    windows: int
    pane: str
    top: str
    nose: str
    stern: str

    @classmethod
    def design(cls, chance: Chance) -> Rover:
        """The genes of a new one."""
        base = chance.between(0.14, 0.3)
        count = chance.count(2, 3 if base > 0.22 else 5)
        uneven = chance.one_of(1.0, 1.0, 0.6, 1.4)
        return cls(
            drive=chance.one_of("wheels", "wheels", "wheels", "tracks", "skids", "legs"),
            sizes=tuple(min(0.34, base * (uneven if place == 0 else 1.0)) for place in range(count)),
            wheel=chance.one_of(*parts.WHEELS),
            hull=chance.one_of("box", "round", "wedge", "boat", "barrel"),
            long=chance.between(0.6, 0.88),
            tall=chance.between(0.16, 0.32),
            cabin=chance.one_of("box", "dome", "slant", "tower", "none"),
            place=chance.between(-0.5, 0.5),
            wide=chance.between(0.22, 0.5),
            high=chance.between(0.26, 0.5),
            windows=chance.count(1, 3),
            pane=chance.one_of(*parts.WINDOWS),
            top=chance.one_of("none", "chimney", "mast", "crane", "lamp", "dish", "load"),
            nose=chance.one_of("none", "lamp", "drill", "plough", "scoop"),
            stern=chance.one_of("none", "fin", "pipe", "flag", "propeller"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        return {
            "wheels": "cart" if len(self.sizes) < 3 else "hauler",
            "tracks": "digger",
            "skids": "sled",
            "legs": "strider",
        }[self.drive]

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, its nose to the left."""
        long, tall = chance.about(self.long, 0.06), chance.about(self.tall)
        floor = 0.82 - max(self.sizes) * 0.9
        top = floor - 2 * tall
        place = self.place * long + chance.between(-0.05, 0.05)
        self._top(canvas, coat, place + (0.42 if place < 0 else -0.42), top, chance)
        self._stern(canvas, coat, long, floor - tall)
        self._cabin(canvas, coat, place, top + 0.03)
        self._nose(canvas, coat, -long, floor - tall * 0.8)
        middle = (0.0, floor - tall)
        if self.hull == "wedge":
            coat.cover(
                canvas, np.array([(-long, floor), (-long * 0.8, floor - tall * 0.8), (long * 0.9, top), (long, floor)])
            )
        elif self.hull == "boat":
            coat.cover(canvas, np.array([(-long * 1.08, top), (long, top), (long * 0.8, floor), (-long * 0.7, floor)]))
        else:
            power = {"box": 12.0, "round": 2.6, "barrel": 4.0}[self.hull]
            coat.cover(canvas, oval(middle, (long, tall * 1.05), power=power))
        canvas.stroke([(-long * 0.85, floor - tall * 0.6), (long * 0.85, floor - tall * 0.6)], 0.06, coat.accent)
        self._drive(canvas, coat, long, floor, chance)

    def _drive(self, canvas: Canvas, coat: Coat, long: float, floor: float, chance: Chance) -> None:
        count = len(self.sizes)
        spots = [(place / (count - 1) * 2 - 1) * long * 0.72 for place in range(count)]
        if self.drive == "skids":
            for x in spots:
                canvas.stroke([(x, floor), (x + 0.05, 0.82)], 0.07, coat.trim)
            canvas.stroke(curve([(-0.95, 0.66), (-0.8, 0.85), (0.9, 0.85)], 5), 0.1, coat.trim)
            return
        if self.drive == "legs":
            for x in spots:
                parts.leg(
                    canvas, (x, floor), (x + chance.between(-0.1, 0.1), 0.86), 0.12, 0.1, coat.trim, "hoof", coat.accent
                )
            return
        if self.drive == "tracks":
            canvas.polygon(oval((0, 0.7), (long * 1.02, 0.22), power=3.5), coat.trim)
            for x in np.linspace(-0.75, 0.75, 5).tolist():
                parts.wheel(canvas, (x * long, 0.7), 0.13, self.wheel, darker(coat.trim, 0.3), coat.second)
            return
        for x, radius in zip(spots, self.sizes, strict=True):
            parts.wheel(canvas, (x, 0.88 - radius), radius, self.wheel, darker(coat.trim, 0.3), coat.second)

    def _cabin(self, canvas: Canvas, coat: Coat, x: float, y: float) -> None:
        wide, high = self.wide, self.high
        if self.cabin == "none":
            return
        if self.cabin == "dome":
            canvas.polygon(oval((x, y), (wide, high)), _GLASS)
            canvas.polygon(oval((x - wide * 0.3, y - high * 0.45), (wide * 0.25, high * 0.25)), (244, 250, 252))
            return
        if self.cabin == "tower":
            wide *= 0.6
        lean = wide * 0.45 if self.cabin == "slant" else 0.0
        coat.cover_second(canvas, box(x - wide, y - high, x + wide, y + 0.05, lean))
        canvas.polygon(box(x - wide * 1.1 + lean, y - high - 0.07, x + wide * 1.1 - lean, y - high), coat.accent)
        half = min(0.13, (wide - lean * 0.6) / self.windows * 0.75)
        for place in range(self.windows):
            spot = x + (place - (self.windows - 1) / 2) * half * 2.5
            parts.window(canvas, (spot, y - high * 0.5), (half, high * 0.28), self.pane, _GLASS, coat.trim)

    def _top(self, canvas: Canvas, coat: Coat, x: float, y: float, chance: Chance) -> None:
        if self.top == "chimney":
            canvas.polygon(box(x - 0.09, y - 0.4, x + 0.09, y + 0.1), coat.trim)
            for k in range(3):
                canvas.disc((x + 0.1 * k, y - 0.48 - 0.09 * k), 0.07 + 0.03 * k, (214, 214, 218))
        elif self.top == "mast":
            canvas.stroke([(x, y + 0.1), (x, y - 0.5)], 0.05, coat.trim)
            canvas.polygon([(x, y - 0.5), (x + 0.3, y - 0.4), (x, y - 0.28)], coat.accent)
        elif self.top == "crane":
            end = (x - 0.5 if x > 0 else x + 0.5, y - 0.55)
            canvas.stroke(
                [(x, y + 0.1), end, (end[0], end[1] + chance.between(0.15, 0.3))], (0.14, 0.07, 0.04), coat.accent
            )
        elif self.top == "lamp":
            canvas.disc((x, y), 0.15, coat.accent)
            canvas.disc((x - 0.04, y - 0.05), 0.05, lighter(coat.accent, 0.7))
        elif self.top == "dish":
            canvas.stroke([(x, y + 0.1), (x, y - 0.2)], 0.06, coat.trim)
            canvas.polygon(oval((x, y - 0.26), (0.28, 0.1), angle=-0.5), coat.second)
        elif self.top == "load":
            for dx, dy in ((-0.17, 0.0), (0.17, 0.0), (0.0, -0.2)):
                canvas.polygon(oval((x + dx, y + dy - 0.04), (0.17, 0.15)), coat.accent if dx else coat.second)

    def _nose(self, canvas: Canvas, coat: Coat, x: float, y: float) -> None:
        if self.nose == "lamp":
            canvas.disc((x + 0.04, y), 0.1, (250, 240, 170))
        elif self.nose == "drill":
            canvas.polygon([(x + 0.1, y - 0.16), (x - 0.3, y + 0.05), (x + 0.1, y + 0.2)], coat.trim)
        elif self.nose == "plough":
            canvas.polygon([(x + 0.1, y - 0.1), (x - 0.22, y + 0.45), (x + 0.2, y + 0.45)], coat.accent)
        elif self.nose == "scoop":
            canvas.stroke(curve([(x + 0.1, y), (x - 0.2, y - 0.1), (x - 0.12, y + 0.3)], 4), (0.1, 0.14), coat.accent)

    def _stern(self, canvas: Canvas, coat: Coat, x: float, y: float) -> None:
        if self.stern == "fin":
            canvas.polygon([(x * 0.5, y), (x * 1.05, y - 0.5), (x, y)], coat.accent)
        elif self.stern == "pipe":
            canvas.stroke([(x * 0.7, y), (x + 0.12, y), (x + 0.12, y - 0.35)], 0.11, coat.trim)
        elif self.stern == "flag":
            canvas.stroke([(x * 0.9, y), (x * 0.95, y - 0.65)], 0.045, coat.trim)
            canvas.polygon(box(x * 0.95 - 0.26, y - 0.65, x * 0.95, y - 0.45), coat.accent)
        elif self.stern == "propeller":
            for turn in (-pi / 2, pi / 2):
                canvas.polygon(blade((x + 0.07, y), turn, 0.36, 0.07), coat.accent)
