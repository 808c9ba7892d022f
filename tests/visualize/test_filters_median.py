"""The median filter against scipy, bit for bit, and its errors."""

import numpy as np
import pytest
import scipy.ndimage
import torch

from featevo.visualize import median_filter
from featevo.visualize.filters import BORDERS


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("shape", [(2, 3, 64, 64), (1, 1, 7, 9), (3, 17, 33)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_scipy_bit_for_bit(border, kernel_size, shape, dtype):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(shape, generator=generator, dtype=dtype)
    ties = torch.randint(0, 3, shape, generator=generator).to(dtype)
    size = (1,) * (len(shape) - 2) + (kernel_size, kernel_size)
    for images in (noise, ties):
        expected = scipy.ndimage.median_filter(images.numpy(), size=size, mode=BORDERS[border])
        assert np.array_equal(median_filter(images, kernel_size, border).numpy(), expected)


def test_does_not_change_its_input():
    images = torch.rand(1, 3, 16, 16)
    before = images.clone()
    median_filter(images)
    assert torch.equal(images, before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": 4}, "kernel_size=4: a median filter needs an odd window"),
        ({"border": "zero"}, "border='zero': use one of replicate, reflect"),
        ({"kernel_size": 9}, "kernel_size=9: the image is only 8 x 8 pixels"),
    ],
)
def test_wrong_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        median_filter(torch.rand(1, 1, 8, 8), **arguments)
