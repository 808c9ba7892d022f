"""Logits in what models return."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn

from featevo.visualize import ClassLogit, maximize
from featevo.visualize.outputs import logits_of, returning

LOGITS = torch.rand(2, 3)


class Pair(NamedTuple):
    features: torch.Tensor
    logits: torch.Tensor


@dataclass
class Output:
    logits: torch.Tensor


def test_logits_are_found():
    pair = Pair(torch.rand(1), LOGITS)
    for output in (LOGITS, {"logits": LOGITS, "loss": None}, Output(LOGITS), (LOGITS, None), [LOGITS], pair):
        assert logits_of(output) is LOGITS


def test_anything_else_stays():
    for output in ({"scores": LOGITS}, (), None, {"logits": None}, ("a", LOGITS)):
        assert logits_of(output) is output


def test_a_model_returns_its_own_output_again_afterwards():
    model = nn.Linear(2, 3)
    with returning(model, lambda output: output[:, :1]):
        assert model(torch.rand(4, 2)).shape == (4, 1)
    assert model(torch.rand(4, 2)).shape == (4, 3)
    assert not model._forward_hooks


class Wrapped(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        return {"logits": self.net(images)}


def test_models_that_wrap_logits_are_rendered_like_others():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    (one,), (other,) = (maximize(model, ClassLogit([1]), image_size=8, steps=3) for model in (net, Wrapped(net)))
    assert torch.equal(one.image, other.image)
    assert one.probability == other.probability
