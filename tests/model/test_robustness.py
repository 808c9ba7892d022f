"""Perturbed training images: their size and direction against formulas, and a network that is left as it was."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from featevo.model.robustness import L2, Noise


@pytest.fixture
def images():
    return 0.3 + 0.4 * torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def labels():
    return torch.arange(5) % 3


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(144, 3)
    )


def rms(change):
    return change.flatten(1).square().mean(1).sqrt()


def loss_of(net, images, labels):
    return F.cross_entropy(net.eval()(images), labels, reduction="none")


def test_one_step_of_a_linear_network_is_the_gradients_direction(images, labels):
    last = nn.Linear(3 * 64, 3, bias=False)
    net, weight = nn.Sequential(nn.Flatten(), last), last.weight.detach()
    p = (images.flatten(1) @ weight.T).softmax(1)
    gradient = (p - F.one_hot(labels, 3)) @ weight  # of cross entropy, by hand
    expected = 0.02 * math.sqrt(3 * 64) * gradient / gradient.norm(dim=1, keepdim=True)
    change = L2(0.02, 1, 0)(net, images, labels, 0.0) - images
    assert torch.allclose(change.flatten(1), expected, atol=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_loss_rises_within_the_ball(net, images, labels, steps):
    perturbed = L2(0.02, steps, 0)(net, images, labels, 0.0)
    assert (rms(perturbed - images) <= 0.02 * 1.0001).all()
    assert (loss_of(net, perturbed, labels) > loss_of(net, images, labels)).all()
    assert not perturbed.requires_grad


def test_more_steps_find_a_higher_loss(net, images, labels):
    one, many = (loss_of(net, L2(0.1, steps, 0)(net, images, labels, 0.0), labels).sum() for steps in (1, 10))
    assert many > one


def test_pixels_stay_in_range(net, labels):
    dark_and_bright = torch.tensor([0.0, 1.0]).repeat(5 * 3 * 32).view(5, 3, 8, 8)
    perturbed = L2(0.2, 2, 0)(net, dark_and_bright, labels, 0.0)
    assert perturbed.min() == 0
    assert perturbed.max() == 1
    assert not torch.equal(perturbed, dark_and_bright)


def test_the_network_is_as_it_was(net, images, labels):
    net.train()
    net[1].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    random = torch.get_rng_state()
    L2(0.02, 2)(net, images, labels, 1.0)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert [module.training for module in net] == [True, False, True, True, True, True]
    assert all(parameter.grad is None for parameter in net.parameters())
    assert torch.equal(random, torch.get_rng_state())


def test_a_zero_gradient_changes_nothing(images, labels):
    last = nn.Linear(192, 3)
    nn.init.zeros_(last.weight)
    net = nn.Sequential(nn.Flatten(), last)
    assert torch.equal(L2(0.02, 2, 0)(net, images, labels, 0.0), images)


def test_the_strength_rises_over_the_warm_up(net, images, labels):
    sizes = [rms(L2(0.02, 1, 2.0)(net, images, labels, epochs) - images).mean() for epochs in (0.0, 1.0, 2.0, 9.0)]
    assert torch.allclose(torch.stack(sizes), torch.tensor([0.0, 0.01, 0.02, 0.02]), atol=1e-5)
    noise = [(Noise(0.2, 2.0)(net, images, labels, epochs) - images).std() for epochs in (0.0, 1.0, 2.0)]
    assert torch.allclose(torch.stack(noise), torch.tensor([0.0, 0.1, 0.2]), atol=0.02)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L2(rms=0), "rms=0"),
        (lambda: L2(rms=math.nan), "rms=nan"),
        (lambda: L2(steps=0), "steps=0"),
        (lambda: L2(warm_up=-1), "warm_up=-1"),
        (lambda: Noise(std=-1), "std=-1"),
        (lambda: Noise(std=math.inf), "std=inf"),
    ],
)
def test_numbers_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
