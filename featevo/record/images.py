"""Warm starts: a snapshot's renders go on from the pictures of the snapshot before, as the record has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from featevo.record.reading import INDEX, read_evolution


def last_pictures(folder: Path, count: int) -> Tensor | None:
    """The pictures (U, C, H, W) in 0..1 of the last snapshot that has all classes; None where there is none.

    They are read back from the files, so that a resumed run goes on from the very same ones.

    Args:
        folder: The run folder.
        count: Number of classes.
    """
    if not (folder / INDEX).is_file():
        return None
    for snapshot in reversed(read_evolution(folder).snapshots):
        renders = snapshot.of_view("classes")
        if len(renders) == count:
            return torch.stack([picture(folder / render.file) for render in renders])
    return None


def picture(path: Path) -> Tensor:
    """A picture (C, H, W) of the record in 0..1, as it is on disk; raises `OSError` where it cannot be read."""
    with Image.open(path) as image:
        pixels = np.atleast_3d(np.asarray(image))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
