"""Stacks: cakes, totems and sundaes, three to six layers with a part on top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import Colour, darker, lighter
from featevo.data.scenes.species import parts
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, oval

_KINDS = ("slab", "ball", "wave", "drip", "bowl", "cone", "disks", "leafy")


@dataclass(frozen=True)
class Layer:
    """One layer: its kind, half its width, its height, and its fill: the coat (0, 1) or one colour (2 to 4)."""

    kind: str
    wide: float
    tall: float
    ink: int


@dataclass(frozen=True)
class Stack:
    """A stack's genes: layers from the bottom up, kinds by name."""

    layers: tuple[Layer, ...]
    top: str
    base: str
    skewer: bool
    tilt: float

    @classmethod
    def design(cls, chance: Chance) -> Stack:
        """The genes of a new one."""
        count = chance.count(2, 5)
        wide = chance.between(0.4, 0.78)
        taper = chance.between(-0.1, 0.55)
        kinds = [chance.one_of(*_KINDS) for _ in range(count)]
        if chance.flag(0.4):
            kinds = [kinds[place % 2] for place in range(count)]
        rough = [chance.between(0.6, 1.6) for _ in range(count)]
        # One layer always has the coat, and adjacent layers have different fills.
        inks = [chance.count(0, 1)]
        for _ in range(count - 1):
            inks.append((inks[-1] + chance.count(1, 4)) % 5)
        return cls(
            layers=tuple(
                Layer(
                    kind=kinds[k],
                    wide=max(0.2, wide * (1 - taper * k / count) * chance.between(0.85, 1.15)),
                    tall=1.25 * rough[k] / sum(rough),
                    ink=inks[k],
                )
                for k in range(count)
            ),
            top=chance.one_of("none", "cherry", "candle", "star", "leaf", "flag", "eyes", "horns"),
            base=chance.one_of("none", "plate", "cup", "feet", "cone"),
            skewer=chance.flag(0.2),
            tilt=chance.between(-0.06, 0.06),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.base == "cone" or self.base == "cup":
            return "sundae"
        return "totem" if len(self.layers) > 3 else "tart"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, from the bottom up."""
        y = self._base(canvas, coat)
        squeeze = min(1.0, (y + 0.66) / sum(layer.tall for layer in self.layers))
        if self.skewer:
            canvas.stroke([(0, -0.95), (0, 0.9)], 0.06, (196, 160, 110))
        x = 0.0
        for layer in self.layers:
            tall = layer.tall * squeeze
            x += self.tilt + chance.between(-0.04, 0.04)
            self._layer(canvas, coat, layer, (x, y - tall / 2), tall / 2, chance)
            y -= tall
        self._top(canvas, coat, x, y + 0.03, chance)

    def _layer(
        self, canvas: Canvas, coat: Coat, layer: Layer, at: tuple[float, float], half: float, chance: Chance
    ) -> None:
        (x, y), wide = at, chance.about(layer.wide, 0.07)
        ink = (coat.main, coat.second, coat.accent, darker(coat.main, 0.35), lighter(coat.second, 0.4))[layer.ink]
        if layer.kind == "ball":
            outline = oval(at, (wide * 0.85, half * 1.15))
        elif layer.kind == "bowl":
            outline = box(x - wide, y + half, x + wide, y - half, wide * 0.3)
        elif layer.kind == "cone":
            outline = box(x - wide, y - half, x + wide, y + half, wide * 0.45)
        elif layer.kind == "wave":
            across = np.linspace(-wide, wide, 20)
            edge = np.stack([x + across, y + half + 0.06 * np.sin(across * 16)], axis=1)
            outline = np.concatenate([edge, [(x + wide, y - half), (x - wide, y - half)]])
        else:
            outline = oval(at, (wide, half * 1.1), power=7.0)
        self._fill(canvas, coat, layer.ink, outline, ink)
        if layer.kind == "drip":
            canvas.polygon(box(x - wide, y - half, x + wide, y - half * 0.3), coat.accent)
            for place in (-0.75, -0.3, 0.15, 0.65):
                drop = half * (1.0 + 0.5 * np.sin(9.0 * place))
                canvas.stroke(
                    [(x + place * wide, y - half * 0.4), (x + place * wide, y - half * 0.4 + drop)], 0.13, coat.accent
                )
        elif layer.kind == "disks":
            for place in (-0.66, 0.0, 0.66):
                canvas.polygon(oval((x + place * wide, y), (min(0.1, half), min(0.1, half) * 0.9)), coat.accent)
        elif layer.kind == "leafy":
            for place in np.linspace(-0.85, 0.85, 6).tolist():
                canvas.polygon(
                    blade((x + place * wide, y - half * 0.6), np.pi / 2 - place * 0.6, half * 1.6 + 0.08, 0.13),
                    darker(ink, 0.25),
                )

    def _fill(self, canvas: Canvas, coat: Coat, kind: int, outline: np.ndarray, ink: Colour) -> None:
        if kind == 0:
            coat.cover(canvas, outline)
        elif kind == 1:
            coat.cover_second(canvas, outline)
        else:
            canvas.polygon(outline, ink)

    def _base(self, canvas: Canvas, coat: Coat) -> float:
        wide = self.layers[0].wide
        if self.base == "plate":
            canvas.polygon(oval((0, 0.86), (min(wide * 1.25, 0.95), 0.09)), lighter(coat.trim, 0.6))
            return 0.84
        if self.base == "cup":
            canvas.stroke([(0, 0.6), (0, 0.9)], 0.12, coat.trim)
            canvas.polygon(oval((0, 0.92), (0.36, 0.06)), coat.trim)
            canvas.polygon(box(-wide * 1.05, 0.7, wide * 1.05, 0.38, wide * 0.3), lighter(coat.trim, 0.5))
            return 0.5
        if self.base == "cone":
            canvas.polygon([(-wide * 0.9, 0.3), (wide * 0.9, 0.3), (0, 0.97)], (206, 150, 86))
            for place in (-0.45, 0.0, 0.45):
                canvas.stroke([(place * wide, 0.32), (place * wide * 0.3, 0.75)], 0.04, (160, 108, 56))
            return 0.36
        if self.base == "feet":
            for side in (-0.5, 0.5):
                canvas.polygon(oval((side * wide, 0.86), (0.19, 0.11)), coat.trim)
            return 0.8
        return 0.88

    def _top(self, canvas: Canvas, coat: Coat, x: float, y: float, chance: Chance) -> None:
        if self.top == "cherry":
            canvas.stroke([(x, y - 0.1), (x + 0.1, y - 0.32)], 0.04, coat.trim)
            canvas.disc((x, y - 0.1), 0.14, coat.accent)
        elif self.top == "candle":
            canvas.stroke([(x, y), (x, y - 0.24)], 0.09, coat.accent)
            canvas.polygon(blade((x, y - 0.22), -np.pi / 2 + chance.between(-0.2, 0.2), 0.2, 0.07), (255, 190, 60))
        elif self.top == "star":
            outline = oval((x, y - 0.16), (0.22, 0.22), power=0.7)
            canvas.polygon(outline, coat.accent)
        elif self.top == "leaf":
            for turn in (-0.8, 0.0, 0.8):
                canvas.polygon(blade((x, y + 0.02), turn - np.pi / 2, 0.32, 0.09), coat.accent)
        elif self.top == "flag":
            canvas.stroke([(x, y), (x, y - 0.3)], 0.04, coat.trim)
            canvas.polygon(box(x, y - 0.32, x + 0.3, y - 0.14), coat.accent)
        elif self.top == "eyes":
            for side in (-1.0, 1.0):
                parts.eye(canvas, (x + side * 0.16, y - 0.1), 0.14, coat.accent)
        elif self.top == "horns":
            parts.crown(canvas, "curls", (x, y + 0.02), 0.12, 0.28, coat.accent, coat.second)
