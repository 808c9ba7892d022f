"""Training on perturbed images, which makes a network robust and its features easier to see.

A network that small changes of its images cannot mislead relies on features that people see, too; images rendered of it
show objects instead of texture (Engstrom et al. 2019, arXiv 1906.00945; for noise: Kaur et al. 2019, arXiv 1910.08640).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from featevo.model.modes import eval_mode

OVERSHOOT = 1.25
"""Length of all steps of an attack together, in radii, so that it reaches the sphere on a path that bends."""


class Perturbation(Protocol):
    """Changes the training images of one step."""

    def __call__(self, net: nn.Module, images: Tensor, labels: Tensor, epochs: float) -> Tensor:
        """Perturbed images.

        Args:
            net: From images (B, C, H, W) in 0..1 to logits (B, K); it is not changed.
            images: Of the training step.
            labels: Their classes (B,).
            epochs: Epochs of training so far, with fractions: the strength is 0 at 0 and full after the warm-up.
        """


def _check(strength: str, value: float, warm_up: float) -> None:
    if not (0 < value < math.inf and 0 <= warm_up < math.inf):
        raise ValueError(f"{strength}={value}, warm_up={warm_up}: {strength} must be positive, warm_up at least 0")


def _strength(epochs: float, warm_up: float) -> float:
    return min(1.0, epochs / warm_up) if warm_up else 1.0


@dataclass(frozen=True)
class Noise:
    """Adds Gaussian noise, which costs no time. The sums may leave 0..1, as the images of the cited paper.

    Attributes:
        std: Standard deviation, for images in 0..1.
        warm_up: Epochs over which it rises from 0.
    """

    std: float = 0.2
    warm_up: float = 3.0

    def __post_init__(self) -> None:
        _check("std", self.std, self.warm_up)

    def __call__(self, net: nn.Module, images: Tensor, labels: Tensor, epochs: float) -> Tensor:
        """Images plus noise from the global random stream."""
        return images + self.std * _strength(epochs, self.warm_up) * torch.randn_like(images)


@dataclass(frozen=True)
class L2:
    """Projected gradient ascent of the loss in a ball around each image (Madry et al. 2018, arXiv 1706.06083).

    Starts at the image. Each step costs one forward and one backward pass more. The network is in eval mode meanwhile.

    Attributes:
        rms: Radius of the ball as the root mean square change of a value of the image, in 0..1, so that one number fits
            images of any size. 0.016 is a Euclidean distance of 1.8 for 3 x 64 x 64 values; Engstrom et al. have 3 for
            3 x 224 x 224 values, which is 0.008.
        steps: Gradient steps.
        warm_up: Epochs over which the radius rises from 0.
    """

    rms: float = 0.016
    steps: int = 1
    warm_up: float = 3.0

    def __post_init__(self) -> None:
        _check("rms", self.rms, self.warm_up)
        if self.steps < 1:
            raise ValueError(f"steps={self.steps}: must be at least 1")

    def __call__(self, net: nn.Module, images: Tensor, labels: Tensor, epochs: float) -> Tensor:
        """Images in 0..1 on which the loss is higher."""
        radius = self.rms * math.sqrt(images[0].numel()) * _strength(epochs, self.warm_up)
        length = radius * (OVERSHOOT if self.steps > 1 else 1.0) / self.steps
        moved = images
        with eval_mode(net), torch.enable_grad(), torch.autocast(images.device.type, enabled=False):
            for _ in range(self.steps):
                moved = moved.detach().requires_grad_()
                loss = F.cross_entropy(net(moved).float(), labels, reduction="sum")
                (gradient,) = torch.autograd.grad(loss, moved)
                change = moved.detach() + length * gradient / _norm(gradient) - images
                change = change * (radius / _norm(change)).clamp(max=1.0)
                moved = (images + change).clamp(0.0, 1.0)
        return moved.detach()


def _norm(images: Tensor) -> Tensor:
    return images.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1, 1)
