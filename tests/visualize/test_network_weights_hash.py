"""The hash of the weights: it covers all tensors of a model, and no modes."""

import copy

import pytest
import torch
from torch import nn

from featevo.visualize import Channel, maximize
from featevo.visualize.network import tensors, weights_hash


class Holds(nn.Module):
    """Weights, statistics, extra state that is no tensor, and a layer that has never been used."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.head = nn.LazyLinear(2)

    def forward(self, images):
        return self.body(images)

    def get_extra_state(self):
        return {"note": "no tensor"}

    def set_extra_state(self, state):
        pass


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Holds()


def test_covers_weights_and_statistics_but_no_lazy_tensors(net):
    names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert set(tensors(net)) == {"body.0.weight", "body.0.bias", *(f"body.1.{name}" for name in names)}
    net.head(torch.zeros(1, 5))
    assert {"head.weight", "head.bias"} < set(tensors(net))


def test_changes_with_tensors_and_not_with_modes(net):
    net.head(torch.zeros(1, 5))
    first = weights_hash(tensors(net))
    twin = copy.deepcopy(net).eval().requires_grad_(False)
    assert weights_hash(tensors(twin)) == first
    twin.body[0].weight[0, 0, 0, 0] += 1e-7
    changed = weights_hash(tensors(twin))
    twin.body[1].running_mean += 1
    assert len({first, changed, weights_hash(tensors(twin)), weights_hash(tensors(net.double()))}) == 4


def test_each_render_carries_the_hash_of_the_models_weights(net):
    net.head(torch.zeros(1, 5))
    before = weights_hash(tensors(net))
    for render in maximize(net.train(), Channel("body.0", [0, 3]), image_size=8, steps=2):
        assert render.weights == before
    assert weights_hash(tensors(net)) == before
