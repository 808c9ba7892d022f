"""Pieces: against a plain recursion, and on images with a known best description."""

import math

import numpy as np
import pytest
import torch

from featevo.measure.pieces import Pieces


def recursive(picture, cost, side=None, top=0, left=0):
    """(least cost, squares) of one square of an image (C, H, W); there is nothing outside the image."""
    side = side or 1 << (max(picture.shape[1:]) - 1).bit_length()
    part = picture[:, top : top + side, left : left + side]
    if part.size == 0:
        return 0.0, 0
    mean = part.mean((1, 2), keepdims=True)
    whole = float(((part - mean) ** 2).sum()) + cost
    if side == 1:
        return whole, 1
    half = side // 2
    parts = [recursive(picture, cost, half, top + y, left + x) for y in (0, half) for x in (0, half)]
    cut = sum(each for each, _ in parts)
    return (whole, 1) if whole <= cut + 1e-9 else (cut, sum(count for _, count in parts))


@pytest.mark.parametrize(("channels", "height", "width"), [(3, 16, 16), (1, 16, 16), (3, 12, 20), (3, 7, 9)])
def test_equals_a_plain_recursion(channels, height, width):
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(6, channels, height, width, generator=generator).round()  # contrast enough to be cut
    pictures[:3] = pictures[:3].cumsum(3).clamp(0, 1)
    cost = channels / 12 * math.log(height * width)
    expected = [recursive(picture.double().numpy(), cost)[1] for picture in pictures]
    assert len(set(expected)) > 1
    assert Pieces()(pictures).tolist() == expected


def test_one_colour_and_noise_are_one_piece_a_quarter_is_four():
    generator = torch.Generator().manual_seed(0)
    flat, noise = torch.full((1, 3, 64, 64), 0.3), torch.rand(1, 3, 64, 64, generator=generator)
    quarter = flat.clone()
    quarter[..., :32, :32] = 0.9
    assert Pieces()(torch.cat([flat, noise, quarter])).tolist() == [1, 1, 4]


def test_a_margin_is_not_a_piece():
    assert Pieces()(torch.full((1, 3, 96, 80), 0.3)).tolist() == [1]


def test_fainter_noise_has_the_same_value():
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(4, 3, 64, 64, generator=generator)
    assert np.array_equal(Pieces()(0.5 + 0.1 * (noise - 0.5)), Pieces()(noise))
