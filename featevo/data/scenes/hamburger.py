"""A hamburger, seen from the side: a domed bun with sesame, lettuce, tomato, cheese, a patty or two, a bun below."""

from __future__ import annotations

import numpy as np

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.palette import Colour, Shades, darker, lighter, pick

_BUN = (
    Shades(6.0, (0.06, 0.10), (0.55, 0.85), (0.65, 0.95)),
    Shades(1.5, (0.03, 0.06), (0.6, 0.85), (0.4, 0.65)),
    Shades(1.5, (0.10, 0.13), (0.25, 0.5), (0.8, 1.0)),
    Shades(0.6, (0.9, 1.0), (0.3, 0.6), (0.6, 0.9)),
    Shades(0.6, (0.0, 1.0), (0.0, 0.2), (0.12, 0.3)),
)
_LETTUCE = (Shades(1.0, (0.22, 0.34), (0.55, 0.95), (0.5, 0.9)),)
_TOMATO = (Shades(1.0, (-0.02, 0.03), (0.75, 0.95), (0.65, 0.95)),)
_CHEESE = (
    Shades(3.0, (0.11, 0.145), (0.7, 0.95), (0.9, 1.0)),
    Shades(1.0, (0.07, 0.1), (0.75, 0.95), (0.9, 1.0)),
    Shades(0.7, (0.13, 0.16), (0.1, 0.3), (0.9, 1.0)),
)
_PATTY = (Shades(1.0, (0.01, 0.07), (0.45, 0.75), (0.16, 0.4)),)


def colour(rng: np.random.Generator) -> Colour:
    """A typical colour of hamburgers."""
    filling = (_LETTUCE, _TOMATO, _CHEESE, _PATTY)
    return pick(rng, filling[int(rng.integers(4))] if rng.random() < 0.5 else _BUN)


def draw(canvas: Canvas, rng: np.random.Generator) -> None:
    """Draw a hamburger into the canvas's frame, from the bottom up."""
    bun = pick(rng, _BUN)
    layers = ["patty", "cheese"]
    if rng.random() < 0.25:
        layers += ["patty", "cheese"]
    if rng.random() < 0.75:
        layers.append("tomato")
    layers.insert(len(layers) if rng.random() < 0.7 else 0, "lettuce")
    thick = {"patty": rng.uniform(0.17, 0.24), "cheese": 0.07, "tomato": rng.uniform(0.08, 0.12), "lettuce": 0.1}
    base, dome = rng.uniform(0.2, 0.28), rng.uniform(0.5, 0.68)
    top = base + sum(thick[layer] for layer in layers)
    floor = (top + dome) / 2
    canvas.ellipse((0, floor - base * 0.5), (0.8, base * 0.55), darker(bun, 0.12), power=4.0)
    canvas.ellipse((0, floor - base * 0.85), (0.78, base * 0.22), lighter(bun, 0.35), power=3.0)
    y = floor - base
    for layer in layers:
        y -= thick[layer]
        _layer(canvas, rng, layer, y, thick[layer])
    _crown(canvas, rng, y, dome, bun)


def _layer(canvas: Canvas, rng: np.random.Generator, name: str, top: float, thick: float) -> None:
    """One filling with its upper edge at `top`."""
    middle = top + thick / 2
    if name == "patty":
        meat = pick(rng, _PATTY)
        canvas.ellipse((0, middle), (0.84, thick * 0.62), meat, power=4.0)
        for x, lift in rng.uniform((-0.72, -0.3), (0.72, 0.3), (6, 2)).tolist():
            canvas.disc((x, middle + thick * lift), 0.03, lighter(meat, 0.2))
    elif name == "cheese":
        cheese = pick(rng, _CHEESE)
        canvas.ellipse((0, middle), (0.85, thick * 0.6), cheese, power=5.0)
        for x in (-0.55, 0.0, 0.5):
            x += rng.uniform(-0.12, 0.12)
            drip = rng.uniform(0.12, 0.24)
            canvas.polygon([(x - 0.24, middle), (x + 0.24, middle), (x, middle + drip)], cheese)
    elif name == "tomato":
        tomato = pick(rng, _TOMATO)
        for x in (-0.42, 0.42):
            canvas.ellipse((x, middle), (0.42, thick * 0.62), tomato, power=4.0)
            canvas.ellipse((x, middle - thick * 0.15), (0.34, thick * 0.16), lighter(tomato, 0.4))
    else:
        leaf = pick(rng, _LETTUCE)
        x = np.linspace(-0.92, 0.92, 30)
        wave = np.sin(x * rng.uniform(14, 22) + rng.uniform(0, 6))
        edge = np.stack([x, middle + thick * (0.55 + 0.55 * wave)], axis=1)
        canvas.polygon(np.concatenate([edge, [(0.86, top - 0.03), (-0.86, top - 0.03)]]), darker(leaf, 0.18))
        rim = np.stack([x, middle + thick * (0.05 + 0.35 * wave)], axis=1)
        canvas.polygon(np.concatenate([rim, [(0.86, top - 0.03), (-0.86, top - 0.03)]]), leaf)


def _crown(canvas: Canvas, rng: np.random.Generator, bottom: float, dome: float, bun: Colour) -> None:
    """The upper bun: a dome with a highlight, mostly with sesame."""
    turn = np.linspace(np.pi, 2 * np.pi, 24)
    outline = np.stack([0.84 * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8, bottom + dome * np.sin(turn)], 1)
    canvas.polygon(np.concatenate([outline, [(0.8, bottom + 0.07), (-0.8, bottom + 0.07)]]), bun)
    canvas.polygon(
        [(-0.82, bottom - 0.05), (0.82, bottom - 0.05), (0.78, bottom + 0.07), (-0.78, bottom + 0.07)], darker(bun, 0.2)
    )
    canvas.ellipse((-0.25, bottom - dome * 0.6), (0.36, dome * 0.22), lighter(bun, 0.6), angle=-0.25, opacity=0.35)
    if rng.random() < 0.85:
        seed = lighter(bun, 0.75)
        for height, number in ((0.3, 6), (0.55, 5), (0.78, 3)):
            reach = 0.74 * (1.0 - height**2) ** 0.5
            for place in range(number):
                shift, lift, tilt = rng.uniform((-0.1, -0.07, -0.8), (0.1, 0.07, 0.8)).tolist()
                x = (2 * (place + 0.5) / number - 1 + shift) * reach
                canvas.ellipse((x, bottom - dome * (height + lift)), (0.045, 0.026), seed, angle=tilt)
