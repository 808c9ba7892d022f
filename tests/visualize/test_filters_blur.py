"""The Gaussian blur against scipy, one width for all or one each, and its errors."""

import numpy as np
import pytest
import scipy.ndimage
import torch

from featevo.visualize import gaussian_blur
from featevo.visualize.filters import BORDERS

IMAGES = torch.randn(3, 2, 19, 26, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def scipys(images, sigma, border):
    return scipy.ndimage.gaussian_filter(images.numpy(), (0, 0, sigma, sigma), mode=BORDERS[border])


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("sigma", [0.1, 0.124, 0.125, 0.3, 0.5, 1.0, 2.2, 4.0])
def test_equals_scipy(sigma, border):
    blurred = gaussian_blur(IMAGES, sigma, border).numpy()
    assert np.allclose(blurred, scipys(IMAGES, sigma, border), rtol=0, atol=1e-13)


@pytest.mark.parametrize("sigma", [7.0, 30.0])
def test_replicates_beyond_any_width(sigma):
    assert np.allclose(gaussian_blur(IMAGES, sigma).numpy(), scipys(IMAGES, sigma, "replicate"), rtol=0, atol=1e-13)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("sigmas", [(0.0, 0.7, 3.0), (2.0, 2.0, 0.1), (0.0, 0.0, 0.0)])
def test_each_image_has_its_own_width(sigmas, border):
    blurred = gaussian_blur(IMAGES, torch.tensor(sigmas, dtype=torch.float64), border)
    for image, result, sigma in zip(IMAGES, blurred, sigmas, strict=True):
        assert np.allclose(result.numpy(), scipys(image[None], sigma, border)[0], rtol=0, atol=1e-13)
        assert torch.allclose(result, gaussian_blur(image[None], sigma, border)[0], rtol=0, atol=1e-14)


def test_keeps_dtype_and_the_image_at_width_0():
    single = IMAGES.float()
    assert torch.equal(gaussian_blur(IMAGES, 0), IMAGES)
    assert torch.equal(gaussian_blur(single, torch.tensor([0.0, 0.0, 1.0]))[:2], single[:2])
    blurred = gaussian_blur(single, 1.0)
    assert blurred.dtype == torch.float32
    assert np.allclose(blurred.numpy(), scipys(IMAGES, 1.0, "replicate"), rtol=0, atol=1e-6)


@pytest.mark.parametrize("border", BORDERS)
def test_gradient(border):
    images = IMAGES[:2, :, :6, :5].clone().requires_grad_()
    sigmas = torch.tensor([0.4, 0.9], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda images: gaussian_blur(images, sigmas, border), images)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sigma": 1.0, "border": "zero"}, "border='zero': use one of replicate, reflect"),
        ({"sigma": -1.0}, "sigma=-1.0: a blur's width cannot be below 0"),
        ({"sigma": float("nan")}, "sigma=nan: a blur's width cannot be below 0"),
        ({"sigma": torch.tensor([1.0, -1.0])}, "sigma=tensor.*: a blur's width cannot be below 0"),
        ({"sigma": 2.0, "border": "reflect"}, "sigma=2: too wide to reflect an image of 8 x 9 pixels"),
    ],
)
def test_wrong_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        gaussian_blur(torch.rand(2, 1, 8, 9), **arguments)


def test_the_widest_kernel_that_can_be_reflected():
    images = IMAGES[:, :, :8, :9]
    assert np.allclose(
        gaussian_blur(images, 1.8, "reflect").numpy(), scipys(images, 1.8, "reflect"), rtol=0, atol=1e-13
    )
