"""Photographs: crops of those that lie in scikit-image's wheel, so that nothing is downloaded."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from featevo.errors import UserError

NAMES = ("astronaut", "chelsea", "coffee", "rocket")
"""Colour photographs of objects. Those of grass, gravel and bricks have no parts that shuffling destroys."""

NARROWEST = 0.6
"""Least side of a crop, as a share of the photograph's shorter side, so that a crop shows a part of the object."""


def photographs(size: int, number: int, seed: int = 0) -> Tensor:
    """Random square crops of each photograph in turn, resampled to a size.

    Args:
        size: Side of the result in pixels.
        number: Of crops.
        seed: Of their places and sides.

    Returns:
        (number, 3, size, size), float32 in 0..1.

    Raises:
        UserError: Where scikit-image is not installed.
    """
    try:
        from skimage import data
    except ImportError as error:
        raise UserError("the gate's photographs come with scikit-image: pip install 'featevo[gate]'") from error
    chance = np.random.default_rng(seed)
    crops = []
    for index in range(number):
        photograph = Image.fromarray(getattr(data, NAMES[index % len(NAMES)])())
        side = chance.uniform(NARROWEST, 1) * min(photograph.size)
        left, top = (chance.uniform(0, length - side) for length in photograph.size)
        box = (left, top, left + side, top + side)
        crop = photograph.resize((size, size), Image.Resampling.LANCZOS, box=box)
        crops.append(torch.from_numpy(np.array(crop)).permute(2, 0, 1).float() / 255)
    return torch.stack(crops)
