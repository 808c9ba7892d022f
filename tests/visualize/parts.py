"""A small network that must be in eval mode: otherwise its images are coupled and random."""

import torch
from torch import nn

from featevo.visualize import ClassLogit, maximize

CLASSES = 5


class Couples(nn.Module):
    """Batch norm in train mode would couple the images of a batch; dropout would make them random."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(32, CLASSES),
        )

    def forward(self, images):
        return self.layers(images)


def small_net():
    """In float64, in training mode, with batch-norm statistics that differ from their defaults."""
    torch.manual_seed(0)
    net = Couples().double()
    net(torch.rand(8, 3, 16, 16, dtype=torch.float64))
    return net.train()


def draw(net, units=range(CLASSES), **settings):
    return maximize(net, ClassLogit(units), **{"image_size": 16, "steps": 12, **settings})
