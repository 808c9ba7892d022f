"""Colour axes: their inverse, their statistics, and errors."""

import numpy as np
import pytest
import torch

from featevo.visualize.parameterizations.colour import IMAGENET, colour

SHAPE = (3, 10, 12)


def some(channels=3, count=40):
    """Colours that vary together, well inside 0.02 to 0.98."""
    generator = torch.Generator().manual_seed(0)
    common = torch.randn(count, 1, 10, 12, generator=generator)
    return torch.sigmoid(common + 0.3 * torch.randn(count, channels, 10, 12, generator=generator) - 0.4)


MATRIX = ((1.0, 0.2), (0.1, 0.9))
CASES = [(name, channels) for name in (None, "imagenet", "examples") for channels in (1, 2, 3)]


@pytest.mark.parametrize(("statistics", "channels"), [*CASES, (MATRIX, 2)])
def test_channels_and_images_are_inverse(statistics, channels):
    shape = (channels, 10, 12)
    axes = colour(statistics, shape, some(channels))
    images = some(channels).double().clamp(0.02, 0.98)
    assert torch.allclose(axes.images(axes.channels(images)), images, rtol=0, atol=1e-6)


def test_the_mixture_is_the_formula():
    axes = colour("imagenet", SHAPE, None)
    matrix = np.array(IMAGENET) / np.linalg.norm(np.array(IMAGENET), axis=0).max()
    channels = np.random.default_rng(0).normal(size=(2, *SHAPE))
    expected = 1 / (1 + np.exp(-np.einsum("dc,bchw->bdhw", matrix, channels)))
    assert np.allclose(axes.images(torch.tensor(channels)).numpy(), expected, atol=1e-6)


def test_measured_axes_decorrelate_the_examples():
    examples = some()
    axes = colour("examples", SHAPE, examples)
    channels = axes.channels(examples.double()).transpose(0, 1).flatten(1)
    covariance = np.cov(channels.numpy())
    assert np.allclose(covariance / covariance[0, 0], np.eye(3), atol=1e-3)
    assert np.allclose(channels.mean(1), 0, atol=1e-3)
    raw = np.corrcoef(examples.transpose(0, 1).flatten(1).numpy())
    assert raw[0, 1] > 0.8  # there was something to decorrelate


def test_extremes_have_finite_logits():
    axes = colour("examples", SHAPE, some())
    assert axes.channels(torch.stack([torch.zeros(SHAPE), torch.ones(SHAPE)])).isfinite().all()


def test_flat_examples_have_finite_axes():
    axes = colour("examples", SHAPE, torch.full((4, *SHAPE), 0.3))
    assert torch.allclose(axes.images(torch.zeros(1, *SHAPE)), torch.tensor(0.3), atol=1e-6)


@pytest.mark.parametrize(
    ("statistics", "message"),
    [
        ("photos", "colour='photos': use imagenet, examples, a matrix, or null"),
        (((1.0, 0.0), (0.0, 1.0)), r"a matrix of shape \(2, 2\) for 3 channels"),
        (((1.0, 1.0, 0.0), (1.0, 1.0, 0.0), (0.0, 0.0, 1.0)), "the matrix has no inverse"),
        ("examples", "colour=examples uses the statistics of images: give examples"),
    ],
)
def test_wrong_statistics_are_named(statistics, message):
    with pytest.raises(ValueError, match=message):
        colour(statistics, SHAPE, None)


def test_a_matrix_may_have_whole_numbers():
    assert torch.equal(colour([[0, 1], [2, 0]], (2, 5, 6), None).mixing, torch.tensor([[0, 0.5], [1, 0]]))
