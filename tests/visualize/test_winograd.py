"""Winograd convolutions equal direct ones, also in their gradients."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from featevo.visualize.winograd import CACHE, Convolution, tile_of, transformed


@pytest.mark.parametrize("m", [2, 4])
@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (3, 5, 7, 13), (2, 64, 1, 2), (5, 8, 33, 16)])
def test_values_and_gradients_are_those_of_a_direct_convolution(m, shape):
    torch.manual_seed(0)
    images = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(6, shape[1], 3, 3, dtype=torch.float64)
    ours = Convolution.apply(images, *transformed(weight, m), m)
    direct = F.conv2d(images, weight, padding=1)
    assert torch.allclose(ours, direct, rtol=0, atol=1e-11)
    towards = torch.randn_like(direct)
    (of_ours,) = torch.autograd.grad(ours, images, towards)
    (of_direct,) = torch.autograd.grad(direct, images, towards)
    assert torch.allclose(of_ours, of_direct, rtol=0, atol=1e-11)


def test_the_gradient_of_the_gradient_is_the_one_that_finite_differences_give():
    images = torch.randn(1, 2, 5, 5, dtype=torch.float64, requires_grad=True)
    filters = transformed(torch.randn(3, 2, 3, 3, dtype=torch.float64), 2)
    assert torch.autograd.gradgradcheck(lambda x: Convolution.apply(x, *filters, 2).square(), (images,))


@pytest.mark.parametrize(("m", "error"), [(2, 1e-5), (4, 2e-4)])
def test_rounding_stays_small_in_single_precision(m, error):
    torch.manual_seed(0)
    layer = nn.Conv2d(256, 256, 3, padding=1, bias=False)
    images = torch.randn(2, 256, 16, 16)
    exact = F.conv2d(images.double(), layer.weight.detach().double(), padding=1)
    ours = Convolution.apply(images, *transformed(layer.weight.detach(), m), m)
    assert float((ours - exact).abs().max() / exact.std()) < error


def test_a_map_in_several_parts_is_the_same_as_in_one(monkeypatch):
    torch.manual_seed(0)
    images, weight = torch.randn(3, 4, 20, 12, dtype=torch.float64), torch.randn(4, 4, 3, 3, dtype=torch.float64)
    filters = transformed(weight, 4)
    whole = Convolution.apply(images, *filters, 4)
    monkeypatch.setattr("featevo.visualize.winograd.CACHE", 1)
    parts = Convolution.apply(images, *filters, 4)
    assert filters[0].nbytes < CACHE
    assert torch.allclose(parts, whole, rtol=0, atol=1e-12)


def test_the_result_has_its_channels_last_as_the_input():
    images = torch.randn(2, 8, 6, 6).to(memory_format=torch.channels_last)
    result = Convolution.apply(images, *transformed(torch.randn(4, 8, 3, 3), 4), 4)
    assert result[:, :, :4, :4].permute(0, 2, 3, 1).stride(-1) == 1


@pytest.mark.parametrize(
    ("layer", "size", "m"),
    [
        (nn.Conv2d(128, 128, 3, padding=1), 8, 4),
        (nn.Conv2d(512, 512, 3, padding="same"), 4, 2),
        (nn.Conv2d(256, 256, 3, padding=1), 4, None),
        (nn.Conv2d(64, 64, 3, padding=1), 64, None),
        (nn.Conv2d(128, 128, 3, padding=1, stride=2), 8, None),
        (nn.Conv2d(128, 128, 3, padding=2, dilation=2), 8, None),
        (nn.Conv2d(128, 128, 3), 8, None),
        (nn.Conv2d(128, 128, 5, padding=2), 8, None),
        (nn.Conv2d(128, 128, 3, padding=1, groups=2), 8, None),
        (nn.Conv2d(128, 128, 3, padding=1, padding_mode="reflect"), 8, None),
        (nn.Conv2d(128, 128, 3, padding=1, dtype=torch.float64), 8, None),
        (nn.Conv2d(128, 128, 3, padding=1, device="meta"), 8, None),
        (nn.ConvTranspose2d(128, 128, 3, padding=1), 8, None),
    ],
)
def test_it_is_chosen_for_large_layers_that_it_can_compute(layer, size, m):
    assert tile_of(layer, size, size) == m
