"""Images whose order of complexity is known: flat colour, noise, k shapes, drawn scenes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from featevo.data.scenes import CLASSES, Scenes
from featevo.visualize.filters import median_filter

NOISE = ("flat", "white noise", "start picture", "median once", "median nine times")
"""Rungs without structure, in no order among themselves."""

SHAPES = {"1 shape": 1, "2 shapes": 2, "4 shapes": 4, "8 shapes": 8, "16 shapes": 16}
STRUCTURED = (*SHAPES, "scene")
"""Rungs in their known order, simplest first."""

CALIBRATION = 64
"""Number of drawn scenes that a judge is calibrated on; the rung of scenes has others."""

FINER = 4
"""Shapes are drawn this many times larger and averaged down, for soft edges."""


def rungs(size: int, number: int, seed: int = 0) -> dict[str, Tensor]:
    """Every rung, reproducible from the arguments.

    Args:
        size: Side of the images in pixels, at least 32.
        number: Of images of each rung.
        seed: Of the random streams.

    Returns:
        By rung, those of `NOISE` and then those of `STRUCTURED`: (number, 3, size, size), float32 in 0..1.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (number, 3, size, size)
    noise = torch.rand(shape, generator=generator)
    nine = median_filter(noise)
    drawn = {
        "flat": torch.rand(number, 3, 1, 1, generator=generator).expand(shape).contiguous(),
        "white noise": noise,
        "start picture": (0.5 + 0.05 * torch.randn(shape, generator=generator)).clamp(0, 1),
        "median once": nine,
    }
    for _ in range(8):
        nine = median_filter(nine)
    drawn["median nine times"] = nine
    for place, (name, count) in enumerate(SHAPES.items()):
        chance = np.random.default_rng([seed, place])
        drawn[name] = torch.stack([_shapes(size, count, chance) for _ in range(number)])
    drawn["scene"] = scenes(size, number, "val", seed)
    return drawn


def scenes(size: int, number: int, split: str = "train", seed: int = 0) -> Tensor:
    """Drawn scenes of all named classes in turn, (number, 3, size, size) in 0..1."""
    drawn = Scenes(CLASSES, -(-number // len(CLASSES)), size, seed, split)
    return torch.stack([drawn[index][0] for index in range(number)]).float() / 255


def _shapes(size: int, count: int, chance: np.random.Generator) -> Tensor:
    """`count` ellipses, rectangles or triangles on grey, of random place, rotation and colour, later ones on top."""
    side = size * FINER
    canvas = Image.new("RGB", (side, side), (128, 128, 128))
    draw = ImageDraw.Draw(canvas)
    for _ in range(count):
        centre = chance.uniform(0.15, 0.85, 2) * side
        axes = chance.uniform(0.08, 0.2, 2) * side
        turn = chance.uniform(0, 2 * math.pi)
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        corners = _OUTLINES[int(chance.integers(len(_OUTLINES)))]()
        turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        draw.polygon([tuple(point) for point in centre + (corners * axes) @ turned.T], fill=colour)
    pixels = np.array(canvas.resize((size, size), Image.Resampling.BOX))
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


def _regular(corners: int) -> Callable[[], np.ndarray]:
    angles = np.arange(corners) * 2 * math.pi / corners
    return lambda: np.stack([np.cos(angles), np.sin(angles)], 1)


_OUTLINES = (_regular(64), lambda: np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]), _regular(3))
"""Ellipse, rectangle, triangle, within -1..1."""
