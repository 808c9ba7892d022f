"""The clips of small pixels against the Deep Visualization Toolbox's rule, rewritten in numpy."""

import numpy as np
import pytest
import torch

from featevo.visualize import Schedule, SmallContributionClip, SmallNormClip, Step

GREY = 0.5
STREAM = torch.Generator().manual_seed(0)
IMAGES = torch.rand(4, 3, 9, 11, generator=STREAM, dtype=torch.float64)
GRADIENT = torch.randn(IMAGES.shape, generator=STREAM, dtype=torch.float64)


def toolbox_norm(image, _, percentile):
    """The Toolbox's images are differences to the mean image, here to grey."""
    difference = image - GREY
    norm = np.linalg.norm(difference, axis=0)
    difference[:, norm < np.percentile(norm, percentile)] = 0
    return difference + GREY


def toolbox_contribution(image, gradient, percentile):
    difference = image - GREY
    benefit = np.abs((gradient * -difference).sum(0))
    difference[:, benefit < np.percentile(benefit, percentile)] = 0
    return difference + GREY


CLIPS = pytest.mark.parametrize(
    ("clip", "toolbox"), [(SmallNormClip, toolbox_norm), (SmallContributionClip, toolbox_contribution)]
)


def step(number=1, gradient=GRADIENT):
    return Step(number, 5, gradient)


def expected(toolbox, images, percentile, gradient=GRADIENT):
    """Each image by itself."""
    pairs = zip(images.numpy(), gradient.numpy(), strict=True)
    return np.stack([toolbox(image.copy(), slope, percentile) for image, slope in pairs])


@CLIPS
@pytest.mark.parametrize("percentile", [0, 0.5, 20, 50, 72.3, 90, 100])
def test_follows_the_toolbox(clip, toolbox, percentile):
    clipped = clip(percentile)(IMAGES, step()).numpy()
    reference = expected(toolbox, IMAGES, percentile)
    assert np.array_equal(clipped == GREY, reference == GREY)
    assert np.allclose(clipped, reference, rtol=0, atol=1e-15)
    share = (clipped == GREY).all(1).mean((1, 2))
    assert np.allclose(share, percentile / 100, atol=1.01 / 99)


@CLIPS
def test_pixels_at_the_threshold_are_kept(clip, toolbox):
    """With equal importances, no pixel is below any percentile; between two importances, percentiles interpolate."""
    equal = torch.full((1, 3, 4, 4), 0.8, dtype=torch.float64)
    ones = torch.ones_like(equal)
    assert torch.equal(clip(100)(equal, step(1, ones)), equal)
    two = torch.cat([equal[..., :2], equal[..., 2:] + 0.1], 3)
    for percentile in (40, 50, 60):
        clipped = clip(percentile)(two, step(1, ones)).numpy()
        assert np.array_equal(clipped, expected(toolbox, two, percentile, ones).round(15))


def test_contribution_sums_over_channels_before_the_absolute_value():
    """The first pixel's channels cancel, so it is small although its gradients and differences are large."""
    image = torch.tensor([[1.0, 0.6], [0.0, 0.6]], dtype=torch.float64).view(1, 2, 1, 2)
    clipped = SmallContributionClip(50)(image, step(1, torch.ones_like(image)))
    assert torch.equal(clipped[0, :, 0, 0], torch.full((2,), GREY, dtype=torch.float64))
    assert torch.equal(clipped[0, :, 0, 1], image[0, :, 0, 1])


@CLIPS
def test_schedule_and_grey(clip, toolbox):
    scheduled = clip(Schedule(80, 20, "linear"), grey=0.25)
    for number, percentile in ((1, 80), (3, 50), (5, 20)):
        clipped = scheduled(IMAGES, step(number))
        assert torch.equal(clipped, clip(percentile, grey=0.25)(IMAGES, step()))
        assert (clipped == 0.25).all(1).double().mean() == pytest.approx(percentile / 100, abs=1.01 / 99)


@CLIPS
def test_a_schedules_end_is_in_range_despite_rounding(clip, toolbox):
    """11 * (100 / 11) is above 100 in floating point."""
    clipped = clip(Schedule(11, 100, "geometric"))(IMAGES, step(5))
    assert torch.equal(clipped, clip(100)(IMAGES, step()))


@CLIPS
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"percentile": -1}, "percentile=-1: must be from 0 to 100"),
        ({"percentile": 100.5}, "percentile=100.5: must be from 0 to 100"),
        ({"percentile": float("nan")}, "percentile=nan: must be from 0 to 100"),
        ({"percentile": Schedule(50, 120)}, "percentile=Schedule.*: must be from 0 to 100"),
        ({"every": 0}, "every=0: an operator is applied every 1, 2, 3, ... steps"),
    ],
)
def test_wrong_settings_are_refused(clip, toolbox, arguments, message):
    with pytest.raises(ValueError, match=message):
        clip(**arguments)
