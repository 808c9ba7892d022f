"""What a careful user writes: all images in one batch, weights frozen, the fastest median filter at hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import EVERY, STEP_SIZE, normalised
from benchmarks.speed.filters import FILTERS


def careful(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """The same steps and operators as featevo's."""
    median = FILTERS.get("OpenCV", FILTERS["featevo"])
    model.eval().requires_grad_(False)
    images, rows = start, torch.arange(len(classes))
    for step in range(1, steps + 1):
        images.requires_grad_(True)
        logits = model(normalised(images))[rows, classes]
        (gradient,) = torch.autograd.grad(logits.sum(), images)
        with torch.no_grad():
            images = images + STEP_SIZE * gradient / gradient.flatten(1).std(1).view(-1, 1, 1, 1)
            if step % EVERY == 0:
                images = median(images)
            images = images.clamp(0, 1)
    return images
