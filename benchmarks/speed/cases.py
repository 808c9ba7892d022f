"""The cases: network, size of the images, how many at once, and how many steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models import resnet50

from featevo.model.schemes import draw
from featevo.model.vgg import vgg

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""ImageNet's, as the peers assume them."""

CLASSES = 1000
STEP_SIZE = 0.06
MEDIAN, EVERY = 5, 4
"""The operators of featevo's regularizer "paper": a median filter of this window at every fourth step, and a clip."""

Climber = Callable[[nn.Module, list[int], Tensor, int], Tensor]
"""From model, one class per image, start images (N, 3, H, W) in 0..1 and steps to the images, in 0..1."""

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "vgg16_slim": lambda: vgg(CLASSES, width=0.25, hidden=256, pool=2, dropout=0.0),
    "VGG-16": lambda: vgg(CLASSES),
    "ResNet-50": lambda: resnet50(num_classes=CLASSES),
}


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: For `--only`.
        network: A name in `NETWORKS`.
        size: Side of the images in pixels.
        images: How many are made by a call.
        steps: Of the long call; 4 n + 1, so that the steps after the first have the median filter in one of four.
        rounds: How often each is measured.
        left_out: Peers that are not measured, as they would take most of the time.
    """

    name: str
    network: str
    size: int
    images: int
    steps: int
    rounds: int
    left_out: tuple[str, ...] = ()

    def start(self) -> Tensor:
        """Start images: faint noise on grey."""
        return (0.5 + 0.05 * torch.randn(self.images, 3, self.size, self.size)).clamp(0, 1)

    @property
    def classes(self) -> list[int]:
        return list(range(self.images))


CASES = (
    Case("slim-64", "vgg16_slim", 64, 4, 17, 7),
    Case("vgg16-64", "VGG-16", 64, 4, 5, 3),
    Case("vgg16-224", "VGG-16", 224, 2, 5, 2, left_out=("Horama",)),
    Case("resnet50-224", "ResNet-50", 224, 2, 5, 2, left_out=("Horama",)),
)


def network(name: str, seed: int) -> nn.Module:
    """A network with random weights, in eval mode."""
    torch.manual_seed(seed)
    net = NETWORKS[name]()
    draw(net)
    return net.eval()


def as_new(model: nn.Module) -> None:
    """Undo what a call may leave in a model: frozen or with gradients, with hooks, in training mode."""
    model.eval()
    for module in model.modules():
        module._forward_hooks.clear()
    for parameter in model.parameters():
        parameter.grad = None
        parameter.requires_grad_(True)


def normalised(images: Tensor) -> Tensor:
    """The networks' input."""
    return (images - images.new_tensor(MEAN).view(3, 1, 1)) / images.new_tensor(STD).view(3, 1, 1)
