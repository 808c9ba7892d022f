"""Parts of the images of all classes: backgrounds, loose shapes behind and in front of the object, and light."""

from __future__ import annotations

import numpy as np

from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.palette import Colour, hsv

_CELLS = 12
# Interpolates 4 values linearly over the cells.
_SPREAD = np.stack([np.interp(np.linspace(0, 3, _CELLS), range(4), row) for row in np.eye(4)], axis=1)
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def backdrop(rng: np.random.Generator) -> np.ndarray:
    """A small uint8 array (12, 12, 3) to be resized to an image: soft patches of colour, a gradient or a horizon."""
    base = np.array(hsv(rng.random(), rng.uniform(0.0, 0.6), rng.uniform(0.2, 1.0)), dtype=float)
    other = np.array(hsv(rng.random(), rng.uniform(0.0, 0.6), rng.uniform(0.2, 1.0)), dtype=float)
    direction = rng.uniform(0, 2 * np.pi)
    axis = np.linspace(-1, 1, _CELLS)
    slope = axis[None, :] * np.cos(direction) + axis[:, None] * np.sin(direction)
    # From a soft gradient to a hard edge such as a horizon or the rim of a table.
    share = 0.5 + 0.5 * np.tanh((slope + rng.uniform(-0.6, 0.6)) * rng.choice([0.3, 1.0, 6.0]))
    field = base + (other - base) * share[..., None]
    coarse = np.einsum("ij,jkc,lk->ilc", _SPREAD, rng.normal(0, rng.uniform(10, 45), (4, 4, 3)), _SPREAD)
    fine = rng.normal(0, rng.uniform(0, 25), (_CELLS, _CELLS, 3))
    return np.clip(field + coarse + fine, 0, 255).astype(np.uint8)


def shape(canvas: Canvas, rng: np.random.Generator, colour: Colour, size: float) -> None:
    """Draw one loose shape of about `size` (half its width) at the frame's centre; all classes have the same kinds."""
    kind = int(rng.integers(6))
    flat = size * rng.uniform(0.5, 1.0)
    if kind == 0:
        canvas.ellipse((0, 0), (size, flat), colour)
    elif kind == 1:
        canvas.ellipse((0, 0), (size, flat), colour, power=8.0)
    elif kind == 2:
        canvas.polygon(rng.uniform(-1.3, 1.3, (3, 2)) * size, colour)
    elif kind == 3:
        canvas.stroke([(-2.2 * size, 0), (2.2 * size, 0)], size * rng.uniform(0.12, 0.4), colour)
    elif kind == 4:
        # A leaf.
        bend = np.sin(np.linspace(0, np.pi, 8)) * flat * 0.6
        along = np.linspace(-1.5, 1.5, 8) * size
        canvas.polygon(np.concatenate([np.stack([along, bend], 1), np.stack([along, -bend], 1)[::-1]]), colour)
    else:
        # A bent stalk.
        t = np.linspace(-1, 1, 7)
        canvas.stroke(np.stack([t * size * 1.6, flat * (t**2 - 0.5)], 1), size * rng.uniform(0.15, 0.35), colour)


def scatter(
    canvas: Canvas, rng: np.random.Generator, colours: list[Colour], size: tuple[float, float], reach: float
) -> None:
    """Draw one loose shape for each of `colours`, with half its width in `size`, within `reach` of the centre."""
    for colour in colours:
        x, y = rng.uniform(-reach, reach, 2).tolist()
        canvas.place(Pose(x, y, angle=rng.uniform(0, 2 * np.pi)))
        shape(canvas, rng, colour, rng.uniform(*size))


def light(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image with random light and camera effects; input and output are uint8 (h, w, 3).

    Saturation, contrast and brightness, a tint, a gradient of light across the image, and sensor noise.
    """
    high, wide = image.shape[:2]
    pixels = image.astype(np.float32)
    grey = pixels @ _LUMA
    saturation = np.float32(rng.uniform(0.65, 1.25))
    pixels = grey[..., None] + (pixels - grey[..., None]) * saturation
    gain = rng.uniform(0.75, 1.2) * (1.0 + rng.normal(0, 0.06, 3))
    across = np.linspace(-1, 1, wide, dtype=np.float32)[None, :] * np.float32(rng.normal(0, 0.12))
    down = np.linspace(-1, 1, high, dtype=np.float32)[:, None] * np.float32(rng.normal(0, 0.12))
    pixels *= (1.0 + across + down)[..., None] * gain.astype(np.float32)
    pixels += np.float32(rng.normal(0, 12))
    noise = rng.standard_normal(pixels.shape, dtype=np.float32)
    pixels += noise * np.float32(rng.uniform(1.0, 9.0))
    return np.clip(pixels, 0, 255, out=pixels).astype(np.uint8)
