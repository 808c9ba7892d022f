"""Contrast and equalisation against numpy, with clipping and constant images."""

import numpy as np
import pytest
import torch

from featevo.measure.equalise import contrast, equalised


@pytest.fixture
def images():
    """Faint and strong, dark and bright, grey and coloured."""
    drawn = torch.rand(4, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    scale = torch.tensor([1.0, 0.3, 0.05, 0.4]).view(4, 1, 1, 1)
    shift = torch.tensor([0.0, 0.7, 0.1, 0.2]).view(4, 1, 1, 1)
    return drawn * scale + shift


def test_contrast_is_the_deviation_from_the_mean_colour(images):
    expected = images.double().numpy().var((2, 3)).mean(1) ** 0.5
    assert contrast(images).dtype == torch.float64
    np.testing.assert_allclose(contrast(images), expected)
    red = torch.tensor([0.9, 0.1, 0.3]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert contrast(red).item() == 0
    assert contrast(torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)).item() == 0.5


@pytest.mark.parametrize("rms", [0.05, 0.2])
def test_equalised_images_have_mean_and_contrast(images, rms):
    result = equalised(images, rms)
    assert result.shape == images.shape
    assert result.dtype == images.dtype
    np.testing.assert_allclose(result.double().mean((2, 3)), 0.5, atol=1e-6)
    np.testing.assert_allclose(contrast(result), rms, rtol=1e-5)
    for before, after in zip(images, result, strict=True):  # nothing but one scale, and a shift of each channel
        scales = [np.polyfit(one.flatten(), other.flatten(), 1)[0] for one, other in zip(before, after, strict=True)]
        assert scales == pytest.approx([scales[0]] * 3, rel=1e-5)
        for one, other in zip(before, after, strict=True):
            assert np.corrcoef(one.flatten(), other.flatten())[0, 1] == pytest.approx(1, abs=1e-6)


def test_the_formula_in_numpy_with_clipping():
    """A small bright spot is 8 deviations above the mean, so it is clipped and the contrast is lower."""
    spot = np.full((1, 3, 16, 16), 0.2)
    spot[:, :, :2, :2] = 0.9
    expected = np.clip(0.5 + 0.2 * (spot - spot.mean()) / spot.std(), 0, 1)
    result = equalised(torch.from_numpy(spot))
    np.testing.assert_allclose(result, expected)
    assert result.max() == 1
    assert contrast(result).item() < 0.15


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_image_of_one_colour_becomes_grey(dtype):
    constant = torch.rand(4, 3, 1, 1, dtype=dtype).expand(4, 3, 9, 7)
    assert torch.equal(equalised(constant), torch.full((4, 3, 9, 7), 0.5, dtype=dtype))


def test_scale_shift_and_batch_do_not_matter(images):
    tint = torch.tensor([0.4, 0.1, 0.3]).view(3, 1, 1)
    torch.testing.assert_close(equalised(0.25 * images + tint), equalised(images), rtol=0, atol=1e-5)
    assert torch.equal(equalised(images)[2:3], equalised(images[2:3]))
    flipped = equalised(images.flip(3)).flip(3)
    torch.testing.assert_close(flipped, equalised(images), rtol=0, atol=1e-6)


def test_bad_arguments_are_refused(images):
    for rms in (0, -0.1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="must be a number more than 0"):
            equalised(images, rms)
    for call in (contrast, equalised):
        with pytest.raises(ValueError, match=r"shape \(3, 12, 16\): must be \(B, C, H, W\)"):
            call(images[0])
