"""featevo, as a user calls it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import MEAN, STD
from featevo.visualize import ClassLogit, maximize


def ours(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """`featevo.visualize.maximize` with the paper's regularizer."""
    size = start.shape[-1]
    renders = maximize(
        model,
        ClassLogit(classes),
        image_size=size,
        steps=steps,
        regularizer="paper",
        mean=MEAN,
        std=STD,
        start=start,
    )
    return torch.stack([render.image for render in renders])
