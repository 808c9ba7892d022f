"""The colours and pattern of a species, and those of the object in one image (its coat)."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np

from featevo.data.scenes.canvas import Canvas, Point
from featevo.data.scenes.palette import Colour, Shades, pick
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.patterns import PATTERNS

# Ranges of saturation and value. Many species share a tone, so that the tone does not identify a species.
_TONES: dict[str, tuple[Point, Point]] = {
    "vivid": ((0.7, 0.95), (0.7, 0.98)),
    "soft": ((0.25, 0.5), (0.75, 0.98)),
    "earthy": ((0.35, 0.65), (0.35, 0.65)),
    "deep": ((0.55, 0.9), (0.25, 0.5)),
    "pale": ((0.05, 0.2), (0.8, 1.0)),
    "dusk": ((0.0, 0.2), (0.2, 0.45)),
}
_BLENDS, _SHADES = 4, 16
_BLEND = np.linspace(0.0, 1.0, _BLENDS)[:, None, None]
_LIGHT = np.linspace(1.0, -1.0, _SHADES)[None, :, None]


@dataclass(frozen=True)
class Coat:
    """The colours and pattern of the object in one image.

    Attributes:
        main, second, accent: Its colours.
        trim: A dark colour for feet, tyres and lines.
        pattern: A name in `PATTERNS`.
        period: Length of the pattern in the frame, above 0.
        angle: Direction of the pattern in radians.
        share: Share of the second colour in the pattern, 0..1.
        phase: Start of the pattern, in periods.
        shade: How much darker the lower side is, 0..1.
    """

    main: Colour
    second: Colour
    accent: Colour
    trim: Colour
    pattern: str
    period: float
    angle: float
    share: float
    phase: Point
    shade: float

    def cover(self, canvas: Canvas, outline: np.ndarray) -> None:
        """Fill an outline, (n, 2) in the frame, with the pattern in main and second colour."""
        self._fill(canvas, outline, self.main, self.second)

    def cover_second(self, canvas: Canvas, outline: np.ndarray) -> None:
        """Fill an outline with the pattern in second and accent colour."""
        self._fill(canvas, outline, self.second, self.accent)

    def _fill(self, canvas: Canvas, outline: np.ndarray, first: Colour, other: Colour) -> None:
        middle, low = outline.mean(axis=0), float(outline[:, 1].min())
        height = float(outline[:, 1].max()) - low or 1.0
        across, up = cos(self.angle) / self.period, sin(self.angle) / self.period
        blends = first + (np.array(other, dtype=float) - first) * _BLEND
        # Light from above: towards white at the upper side, towards black at the lower side.
        lights = self.shade * _LIGHT
        inks = blends + np.maximum(lights, 0) * 0.7 * (255 - blends) + np.minimum(lights, 0) * blends
        inks = inks.reshape(-1, 3).round().astype(np.uint8)

        def weave(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            right, down = x - middle[0], y - middle[1]
            along, beside = right * across + down * up, down * across - right * up
            blend = PATTERNS[self.pattern](along + self.phase[0], beside + self.phase[1], self.share)
            level = np.clip((y - low) * (_SHADES / height), 0, _SHADES - 1)
            return inks[(blend * (_BLENDS - 1)).astype(np.intp) * _SHADES + level.astype(np.intp)]

        canvas.weave(outline, weave)


@dataclass(frozen=True)
class Palette:
    """The ranges for the colours and pattern of a species.

    Attributes:
        main, second, accent, trim: Families of colours for these parts.
        pattern, period, angle, share: As in `Coat`, before random changes per image.
    """

    main: tuple[Shades, ...]
    second: tuple[Shades, ...]
    accent: tuple[Shades, ...]
    trim: tuple[Shades, ...]
    pattern: str
    period: float
    angle: float
    share: float

    def colour(self, rng: np.random.Generator) -> Colour:
        """A typical colour of the species."""
        part = rng.random()
        return pick(rng, self.main if part < 0.5 else self.second if part < 0.8 else self.accent)

    def coat(self, chance: Chance) -> Coat:
        """The coat of one image."""
        rng = chance.rng
        return Coat(
            main=pick(rng, self.main),
            second=pick(rng, self.second),
            accent=pick(rng, self.accent),
            trim=pick(rng, self.trim),
            pattern=self.pattern,
            period=chance.about(self.period, 0.15),
            angle=self.angle + chance.between(-0.15, 0.15),
            share=chance.about(self.share, 0.15),
            # Rings, saddles and fades are centred; other patterns start anywhere.
            phase=(0.0, 0.0) if self.pattern in ("rings", "saddle", "fade") else (chance.between(0, 1), 0.0),
            shade=chance.between(0.05, 0.4),
        )


def design(chance: Chance) -> Palette:
    """The palette and pattern of a new species."""
    tones = list(_TONES)
    first = chance.count(0, len(tones) - 1)
    hue = chance.between(0, 1)
    # Two to four hues: the second and the accent may be close to the first, in another tone.
    apart = [chance.one_of(0.0, 0.08, 0.33, 0.5, 0.67) for _ in range(2)]
    stray = chance.between(0, 1)
    main = _shades(chance, hue, tones[first])
    second = _shades(chance, hue + apart[0], tones[(first + chance.count(1, len(tones) - 1)) % len(tones)])
    accent = _shades(chance, hue + apart[1], chance.one_of("vivid", "vivid", "soft", "pale"))
    rare = _shades(chance, stray, chance.one_of(*tones))._replace(weight=0.15)
    return Palette(
        main=(main, second._replace(weight=0.12), rare),
        second=(second, rare),
        accent=(accent, rare),
        trim=(_shades(chance, hue + chance.one_of(0.0, 0.5), chance.one_of("deep", "dusk")),),
        pattern=chance.one_of(*PATTERNS),
        period=chance.between(0.24, 0.55),
        angle=chance.one_of(0.0, 0.0, np.pi / 4, np.pi / 2, np.pi / 2, -np.pi / 4) + chance.between(-0.1, 0.1),
        share=chance.between(0.3, 0.6),
    )


def _shades(chance: Chance, hue: float, tone: str) -> Shades:
    saturation, value = _TONES[tone]
    spread = chance.between(0.02, 0.06)
    return Shades(1.0, (hue - spread, hue + spread), saturation, value)
