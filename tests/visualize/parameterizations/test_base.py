"""Pixels as their own coefficients, and what examples must be."""

import pytest
import torch

from featevo.visualize import Pixels
from featevo.visualize.parameterizations import fitting
from featevo.visualize.streams import stream

SHAPE = (3, 24, 31)


def test_images_are_their_own_coefficients():
    space = Pixels().space(SHAPE, None)
    images = torch.randn(2, *SHAPE, dtype=torch.float64)
    assert torch.equal(space.encode(images), images)
    assert torch.equal(space.decode(images), images)


def test_starts_are_mid_grey_with_faint_noise_of_the_generator():
    for std in (0.05, 0.02):
        space = Pixels(start_std=std).space(SHAPE, None)
        start = space.noise(stream(0, 1))
        assert start.shape == SHAPE
        assert start.mean() == pytest.approx(0.5, abs=0.005)
        assert start.std() == pytest.approx(std, rel=0.05)
        expected = (0.5 + std * torch.randn(SHAPE, generator=stream(0, 1))).clamp(0, 1)
        assert torch.equal(start, expected)
        assert not torch.equal(start, space.noise(stream(0, 2)))
    loud = Pixels(start_std=1.0).space(SHAPE, None).noise(stream(0, 1))
    assert (loud.min(), loud.max()) == (0, 1)


@pytest.mark.parametrize("give", [lambda examples: examples, lambda examples: lambda: examples])
def test_examples_become_float32_off_the_graph(give):
    examples = torch.rand(4, *SHAPE, dtype=torch.float64, requires_grad=True)
    found = fitting(give(examples), SHAPE, "this")
    assert found.dtype == torch.float32
    assert not found.requires_grad
    assert torch.equal(found, examples.detach().float())


@pytest.mark.parametrize("shape", [SHAPE, (0, *SHAPE), (2, 1, 24, 31), (2, 3, 31, 24)])
def test_examples_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"examples of shape \(.*\): start=mean needs \(N, 3, 24, 31\)"):
        fitting(torch.rand(shape), SHAPE, "start=mean")


@pytest.mark.parametrize("missing", [None, lambda: None])
def test_the_error_for_missing_examples_names_the_part_that_needs_them(missing):
    with pytest.raises(ValueError, match="start=mean uses the statistics of images: give examples"):
        fitting(missing, SHAPE, "start=mean")
