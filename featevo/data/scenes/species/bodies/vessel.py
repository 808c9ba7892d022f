"""Vessels: vases, jugs, pots and bottles with a vertical axis, with handles, a spout, a lid and feet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featevo.data.scenes.canvas import Canvas, curve
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import blade, box, lathe, oval


@dataclass(frozen=True)
class Vessel:
    """A vessel's genes: lengths in the frame, kinds by name; `halves` are half its widths from rim to foot."""

    halves: tuple[float, ...]
    smooth: bool
    tall: float
    handle: str
    handles: int
    spout: str
    lid: str
    foot: str
    band: str
    rim: str

    @classmethod
    def design(cls, chance: Chance) -> Vessel:
        """The genes of a new one."""
        rim, neck = chance.between(0.15, 0.5), chance.between(0.1, 0.4)
        shoulder, belly = chance.between(0.25, 0.62), chance.between(0.25, 0.62)
        return cls(
            halves=(rim, neck, shoulder, belly, chance.between(0.14, 0.42)),
            smooth=chance.flag(0.65),
            tall=chance.between(0.45, 0.72),
            handle=chance.one_of("loop", "ear", "hook", "bow"),
            handles=chance.one_of(0, 1, 2, 2),
            spout=chance.one_of("none", "none", "swan", "beak", "tap"),
            lid=chance.one_of("none", "knob", "cone", "cork", "flame", "sprigs"),
            foot=chance.one_of("none", "plate", "stem", "three", "wheels"),
            band=chance.one_of("none", "one", "two", "dots", "zigzag", "label", "face"),
            rim=chance.one_of("none", "lip", "teeth"),
        )

    @property
    def word(self) -> str:
        """The name of its kind."""
        if self.spout != "none":
            return "kettle" if self.tall < 0.58 else "jug"
        return "flask" if self.halves[1] < 0.2 else "urn" if self.handles else "pot"

    def draw(self, canvas: Canvas, coat: Coat, chance: Chance) -> None:
        """Draw one, upright."""
        tall = chance.about(self.tall, 0.08)
        halves = [chance.about(half, 0.07) for half in self.halves]
        floor = 0.66 if self.foot in ("stem", "three", "wheels") else 0.88
        top = max(floor - 2 * tall, -0.68)
        heights = np.linspace(top, floor, 5).tolist()
        self._foot(canvas, coat, halves[4], floor)
        self._spout(canvas, coat, halves[2], heights)
        for side in (-1.0, 1.0)[: self.handles]:
            self._handle(canvas, coat, -side, halves, heights)
        self._lid(canvas, coat, halves[0], top)
        coat.cover(canvas, lathe(heights, halves, self.smooth))
        if self.rim == "lip":
            canvas.polygon(oval((0, top), (halves[0] * 1.2, 0.07), power=4.0), coat.second)
        elif self.rim == "teeth":
            for x in np.linspace(-0.8, 0.8, 5).tolist():
                canvas.polygon(blade((x * halves[0], top + 0.06), -np.pi / 2, 0.2, 0.07), coat.second)
        self._band(canvas, coat, halves, heights)
        canvas.ellipse(
            (-halves[2] * 0.45, heights[2]), (0.06, tall * 0.25), lighter(coat.main, 0.7), angle=0.15, opacity=0.45
        )

    def _handle(self, canvas: Canvas, coat: Coat, side: float, halves: list[float], heights: list[float]) -> None:
        high, low = (side * halves[1] * 0.9, heights[1]), (side * halves[3] * 0.9, heights[3])
        out = side * min(max(halves) + 0.26, 0.95)
        if self.handle == "hook":
            canvas.stroke(
                curve([low, (out, heights[2]), (out * 1.02, heights[0] + 0.05)], 4), (0.13, 0.07), coat.second
            )
            return
        if self.handle == "ear":
            canvas.polygon(oval((side * halves[2], heights[2]), (0.26, 0.16)), coat.second)
            return
        if self.handle == "bow":
            high, low = (side * halves[0], heights[0]), (side * halves[2] * 0.9, heights[2])
        canvas.stroke(
            curve([high, (out, (high[1] * 2 + low[1]) / 3), (out, (high[1] + low[1] * 2) / 3), low], 3),
            0.11,
            coat.second,
        )

    def _spout(self, canvas: Canvas, coat: Coat, half: float, heights: list[float]) -> None:
        if self.spout == "swan":
            path = curve(
                [(-half * 0.8, heights[3]), (-half - 0.2, heights[2]), (-min(half + 0.3, 0.92), heights[1] - 0.1)], 4
            )
            canvas.stroke(path, (0.22, 0.1), coat.main)
        elif self.spout == "beak":
            canvas.polygon(
                [(-half * 0.5, heights[1]), (-min(half + 0.4, 0.95), heights[1] - 0.12), (-half * 0.7, heights[3])],
                darker(coat.main, 0.12),
            )
        elif self.spout == "tap":
            canvas.stroke(
                [(-half * 0.8, heights[3]), (-half - 0.26, heights[3]), (-half - 0.26, heights[3] + 0.16)],
                0.11,
                coat.accent,
            )
            canvas.disc((-half - 0.14, heights[3] - 0.12), 0.07, coat.trim)

    def _lid(self, canvas: Canvas, coat: Coat, half: float, top: float) -> None:
        if self.lid == "knob":
            canvas.polygon(oval((0, top), (half * 1.05, 0.16)), coat.second)
            canvas.disc((0, top - 0.18), 0.09, coat.accent)
        elif self.lid == "cone":
            canvas.polygon([(-half * 1.1, top), (0, top - 0.3), (half * 1.1, top)], coat.second)
        elif self.lid == "cork":
            canvas.polygon(box(-half * 0.75, top - 0.17, half * 0.75, top + 0.05, -0.03), (176, 128, 84))
        elif self.lid == "flame":
            canvas.polygon(blade((0, top + 0.05), -np.pi / 2, 0.38, 0.15, "petal"), (250, 150, 40))
            canvas.polygon(blade((0, top + 0.05), -np.pi / 2, 0.24, 0.08), (255, 236, 130))
        elif self.lid == "sprigs":
            for turn in (-0.6, -0.2, 0.2, 0.6):
                canvas.polygon(blade((turn * half, top + 0.05), turn - np.pi / 2, 0.36, 0.08), coat.accent)

    def _foot(self, canvas: Canvas, coat: Coat, half: float, floor: float) -> None:
        if self.foot == "plate":
            canvas.polygon(oval((0, floor), (half * 1.5, 0.08), power=3.0), coat.trim)
        elif self.foot == "stem":
            canvas.stroke([(0, floor - 0.05), (0, 0.88)], 0.13, coat.trim)
            canvas.polygon(oval((0, 0.9), (0.34, 0.07)), coat.trim)
        elif self.foot == "three":
            for x in (-1.0, 0.0, 1.0):
                canvas.stroke([(x * half * 0.7, floor - 0.06), (x * half * 1.1, 0.92)], (0.13, 0.07), coat.trim)
        elif self.foot == "wheels":
            for x in (-1.0, 1.0):
                canvas.disc((x * half * 0.8, 0.78), 0.16, coat.trim)
                canvas.disc((x * half * 0.8, 0.78), 0.08, coat.accent)

    def _band(self, canvas: Canvas, coat: Coat, halves: list[float], heights: list[float]) -> None:
        for place in {"one": (2,), "two": (1, 3)}.get(self.band, ()):
            canvas.polygon(
                box(-halves[place], heights[place] - 0.07, halves[place], heights[place] + 0.07), coat.accent
            )
        half, y = min(halves[2], halves[3]) * 0.75, (heights[2] + heights[3]) / 2
        if self.band == "dots":
            for x in (-0.8, 0.0, 0.8):
                canvas.disc((x * half, y), 0.09, coat.accent)
        elif self.band == "zigzag":
            canvas.stroke([((k - 3) / 3 * half, y + (0.08 if k % 2 else -0.08)) for k in range(7)], 0.07, coat.accent)
        elif self.band == "label":
            canvas.polygon(box(-half * 0.7, y - 0.18, half * 0.7, y + 0.18), (246, 240, 224))
            canvas.stroke([(-half * 0.4, y), (half * 0.4, y)], 0.06, coat.trim)
        elif self.band == "face":
            for x in (-0.5, 0.5):
                canvas.disc((x * half, y - 0.1), 0.1, (250, 248, 240))
                canvas.disc((x * half, y - 0.1), 0.05, (14, 10, 12))
            canvas.stroke(curve([(-half * 0.4, y + 0.1), (0, y + 0.18), (half * 0.4, y + 0.1)], 3), 0.05, coat.trim)
