"""The loop of a tutorial: one image after the other, and the gradients of all weights at every step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import EVERY, STEP_SIZE, normalised
from benchmarks.speed.filters import unfolded


def naive(model: nn.Module, classes: list[int], start: Tensor, steps: int) -> Tensor:
    """The same steps and operators as featevo's."""
    images = []
    for unit, image in zip(classes, start.split(1), strict=True):
        for step in range(1, steps + 1):
            image = image.detach().requires_grad_(True)
            model.zero_grad()
            logit = model(normalised(image))[0, unit]
            logit.backward()
            with torch.no_grad():
                image = image + STEP_SIZE * image.grad / image.grad.std()
                if step % EVERY == 0:
                    image = unfolded(image)
                image = image.clamp(0, 1)
        images.append(image)
    return torch.cat(images)
