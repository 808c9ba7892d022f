"""Dials, screens and other parts on the front of gadgets."""

from __future__ import annotations

from math import cos, sin

from featevo.data.scenes.canvas import Canvas, Point
from featevo.data.scenes.palette import darker, lighter
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat
from featevo.data.scenes.species.outlines import box, oval


def dial(canvas: Canvas, coat: Coat, kind: str, at: Point, size: float, chance: Chance) -> None:
    """Draw a "clock", "gauge", "screen", "grille", "lens", "keys" or "slot", else nothing; `size` is half its width."""
    x, y = at
    if kind in ("clock", "gauge"):
        canvas.disc(at, size, coat.trim)
        canvas.disc(at, size * 0.84, (248, 244, 230))
        turns = chance.between(0, 6.28), chance.between(0, 6.28)
        for turn, long in zip(turns[: 2 if kind == "clock" else 1], (0.7, 0.45), strict=False):
            canvas.stroke([at, (x + size * long * cos(turn), y + size * long * sin(turn))], size * 0.14, (30, 24, 28))
        if kind == "gauge":
            canvas.polygon(
                [(x - size * 0.8, y + size * 0.25), (x + size * 0.8, y + size * 0.25), (x, y + size * 0.85)],
                coat.accent,
            )
    elif kind == "screen":
        canvas.polygon(oval(at, (size * 1.15, size * 0.85), power=6.0), (24, 32, 40))
        for side in (-0.45, 0.45):
            canvas.polygon(
                oval((x + side * size, y - size * 0.15), (size * 0.2, size * 0.24)), lighter(coat.accent, 0.3)
            )
        canvas.stroke(
            [(x - size * 0.4, y + size * 0.4), (x + size * 0.4, y + size * 0.4)],
            size * 0.14,
            lighter(coat.accent, 0.3),
        )
    elif kind == "grille":
        canvas.disc(at, size, darker(coat.second, 0.5))
        for row in (-0.55, -0.18, 0.18, 0.55):
            half = size * (1.0 - row * row) ** 0.5 * 0.85
            canvas.stroke([(x - half, y + row * size), (x + half, y + row * size)], size * 0.16, coat.second)
    elif kind == "lens":
        for share, ink in ((1.0, coat.trim), (0.82, coat.second), (0.6, (18, 22, 34)), (0.35, (60, 90, 150))):
            canvas.disc(at, size * share, ink)
        canvas.disc((x - size * 0.2, y - size * 0.25), size * 0.14, (240, 246, 252))
    elif kind == "keys":
        canvas.polygon(box(x - size * 1.3, y - size * 0.5, x + size * 1.3, y + size * 0.5), (246, 242, 230))
        for key in (-0.9, -0.45, 0.0, 0.45, 0.9):
            canvas.polygon(
                box(x + key * size - 0.04, y - size * 0.5, x + key * size + 0.04, y + size * 0.1), (28, 24, 30)
            )
    elif kind == "slot":
        canvas.polygon(oval(at, (size * 1.1, size * 0.25), power=6.0), (28, 22, 26))
