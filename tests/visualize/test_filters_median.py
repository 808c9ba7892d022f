"""The median filter against scipy, bit for bit, and its errors."""

import numpy as np
import pytest
import scipy.ndimage
import torch

from featevo.visualize import MedianFilter, Step, filters, median_filter
from featevo.visualize.filters import BORDERS


@pytest.fixture(params=["opencv", "own", "own, in parts"])
def way(request, monkeypatch):
    """Each way to compute it on the CPU."""
    assert filters._opencv() is not None, "install featevo[dev]"
    if request.param != "opencv":
        monkeypatch.setattr(filters, "_opencv", lambda: None)
    if request.param == "own, in parts":
        monkeypatch.setattr(filters, "AT_ONCE", 1)


@pytest.mark.usefixtures("way")
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


def test_opencv_is_used_where_it_has_the_window(monkeypatch):
    calls = []

    class Counting:
        @staticmethod
        def medianBlur(plane, kernel_size):
            calls.append(kernel_size)
            return plane

    monkeypatch.setattr(filters, "_opencv", lambda: Counting)
    images = torch.rand(2, 1, 16, 16)
    for kernel_size, border in [(3, "replicate"), (5, "replicate"), (7, "replicate"), (5, "reflect")]:
        median_filter(images, kernel_size, border)
    median_filter(images.double(), 5)
    assert calls == [3, 3, 5, 5]


@pytest.mark.usefixtures("way")
def test_the_gradient_reaches_the_pixel_that_is_the_median():
    images = torch.rand(1, 1, 8, 8, requires_grad=True)
    median = median_filter(images, 3)
    assert median.requires_grad
    (gradient,) = torch.autograd.grad(median[0, 0, 4, 4], images)
    (place,) = gradient.nonzero().tolist()
    assert images[tuple(place)] == median[0, 0, 4, 4]


@pytest.mark.usefixtures("way")
def test_the_operator_refuses_nan_too():
    images = torch.rand(1, 1, 8, 8)
    images[0, 0, 2, 3] = torch.nan
    with pytest.raises(ValueError, match="images contain NaN"):
        MedianFilter()(images, Step(1, 1, images))


def test_nan_is_refused():
    images = torch.rand(1, 1, 8, 8)
    images[0, 0, 2, 3] = torch.nan
    with pytest.raises(ValueError, match=r"NaN, .* the first at \(0, 0, 2, 3\)"):
        median_filter(images)


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
