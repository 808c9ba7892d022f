"""Contrast, saturation and used area of images whose numbers are known."""

import numpy as np
import pytest
import torch

from featevo.measure.picture import Contrast, Saturation, Used


def test_numbers_of_a_checkerboard_and_of_one_colour():
    board = (torch.arange(64)[:, None] // 4 + torch.arange(64) // 4) % 2
    images = torch.stack([board.float().expand(3, 64, 64), torch.full((3, 64, 64), 0.3)])
    assert Contrast()(images).tolist() == pytest.approx([0.5, 0.0])
    assert Saturation()(images).tolist() == [1.0, 0.0]
    used = Used()(images)
    assert used[0] == pytest.approx(1)
    assert used[1].isnan()


def test_one_cell_of_64_uses_a_64th_at_any_contrast_and_colour():
    for strength in (0.5, 0.05):
        image = torch.full((1, 3, 64, 64), 0.4)
        image[..., 8:16, 16:24] += strength
        assert float(Used()(image)) == pytest.approx(1 / 64, rel=0.05)  # the mean colour moves a little


def test_numbers_are_those_of_numpy():
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 1.2 - 0.1
    images = images.clamp(0, 1)
    values = images.numpy()
    expected = values.var((2, 3)).mean(1) ** 0.5
    np.testing.assert_allclose(Contrast()(images), expected, rtol=1e-5)
    saturated = ((values < 0.0021) | (values > 0.9979)).reshape(3, -1).mean(1)
    np.testing.assert_allclose(Saturation()(images), saturated, atol=2e-4)
    deviation = ((values - values.mean((2, 3), keepdims=True)) ** 2).sum(1)
    cells = deviation.reshape(3, 8, 8, 8, 8).mean((2, 4)).reshape(3, -1)
    expected = cells.sum(1) ** 2 / (64 * (cells**2).sum(1))
    np.testing.assert_allclose(Used()(images), expected, rtol=1e-5)
