"""Fourier coefficients against numpy.fft in float64, for even and odd sides."""

import numpy as np
import pytest
import torch

from featevo.visualize import Fourier
from featevo.visualize.parameterizations.colour import IMAGENET
from featevo.visualize.streams import stream

SIZES = [(12, 12), (11, 12), (12, 11), (9, 15)]


def scale(height, width, power=1.0):
    vertical, horizontal = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    frequency = np.maximum(np.sqrt(vertical**2 + horizontal**2), 1 / max(height, width))
    return frequency**-power * np.sqrt(height * width) / 4


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
@pytest.mark.parametrize("size", SIZES)
def test_decoding_is_lucids_formula(size, power):
    space = Fourier(decay_power=power).space((3, *size), None)
    coefficients = np.random.default_rng(0).normal(size=(2, 3, size[0], size[1] // 2 + 1, 2)) * 0.1
    spectrum = (coefficients[..., 0] + 1j * coefficients[..., 1]) * scale(size[0], size[1], power)
    channels = np.fft.irfft2(spectrum, s=size)
    matrix = np.array(IMAGENET) / np.linalg.norm(np.array(IMAGENET), axis=0).max()
    expected = 1 / (1 + np.exp(-np.einsum("dc,bchw->bdhw", matrix, channels)))
    assert np.allclose(space.decode(torch.tensor(coefficients)).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_encoding_and_decoding_give_the_image(size, channels):
    space = Fourier().space((channels, *size), None)
    images = 0.02 + 0.96 * torch.rand(2, channels, *size, dtype=torch.float64)
    assert torch.allclose(space.decode(space.encode(images)), images, rtol=0, atol=1e-5)


def test_starts_are_faint_and_depend_only_on_the_generator():
    space = Fourier().space((3, 32, 32), None)
    start = space.noise(stream(0, 3))
    assert torch.equal(start, 0.01 * torch.randn(start.shape, generator=stream(0, 3)))
    image = space.decode(start[None])
    assert 0.4 < image.min() < image.max() < 0.6


def test_gradients_are_those_of_finite_differences():
    space = Fourier().space((3, 5, 6), None)
    coefficients = torch.randn(1, 3, 5, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(space.decode, (coefficients,))
