"""Dead units: leaking gradients of ReLUs activate them, or the render records that they did not."""

import pytest
import torch
from torch import nn

from featevo.visualize import ClassLogit, Regularizer, maximize
from featevo.visualize.network import LEAKY_STEPS, leaky_relu_gradient


@pytest.fixture
def net():
    """Class 0 depends on a channel that is inactive for grey images; class 1 on one that is always active."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    layers[0].bias.data = torch.tensor([-0.5, 1.0])
    last = nn.Linear(2, 2)
    last.weight.data, last.bias.data = torch.eye(2), torch.zeros(2)
    layers[0].weight.data = torch.stack([torch.ones(3, 3, 3) * 0.03, torch.ones(3, 3, 3) * 0.01])
    layers[0].bias.data[0] = -0.03 * 27 * 0.7  # active only for images brighter than 0.7
    return nn.Sequential(*layers, last)


def test_a_dead_unit_becomes_active_and_the_remedy_is_recorded(net):
    dead, alive = maximize(net, ClassLogit([0, 1]), image_size=8, steps=24, regularizer="paper")
    assert dead.trace[0] == 0
    assert dead.value > 0
    assert dead.stopped == "steps"
    assert dead.remedy == f"leaking ReLU gradients in the first {LEAKY_STEPS} steps"
    assert alive.remedy is None


def test_the_remedy_for_one_image_does_not_change_the_others(net):
    _, alive = maximize(net, ClassLogit([0, 1]), image_size=8, steps=24)
    (alone,) = maximize(net, ClassLogit([1]), image_size=8, steps=24)
    assert torch.allclose(alive.image, alone.image, atol=1e-5)


def test_a_unit_without_any_gradient_is_named(net):
    net[-1].weight.data[0] = 0
    (dead,) = maximize(net, ClassLogit([0]), image_size=8, steps=24, regularizer=Regularizer())
    assert dead.stopped == "zero gradient"
    assert dead.remedy is not None


def test_outputs_are_unchanged_and_gradients_leak(net):
    images = torch.rand(2, 3, 8, 8, requires_grad=True) * 0.5
    plain = net(images)
    with leaky_relu_gradient(net):
        leaking = net(images)
        again = net(images)  # as a layer that is called twice in one pass
    assert torch.equal(plain, leaking)
    assert torch.equal(plain, again)
    (none,) = torch.autograd.grad(plain[:, 0].sum(), images)
    (some,) = torch.autograd.grad(leaking[:, 0].sum(), images)
    assert not none.any()
    expected = torch.autograd.grad(0.1 * net[0](images)[:, 0].mean((1, 2)).sum(), images)[0]
    assert torch.allclose(some, expected, atol=1e-7)


def test_hooks_are_removed_also_on_error(net):
    with pytest.raises(RuntimeError, match="stop"), leaky_relu_gradient(net):
        raise RuntimeError("stop")
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())
