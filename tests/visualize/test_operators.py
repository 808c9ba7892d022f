"""The operators against numpy and scipy, their schedules, and that none couples the images of a batch."""

import numpy as np
import pytest
import scipy.ndimage
import torch

from featevo.visualize import Clip, Decay, GaussianBlur, MedianFilter, Schedule, Step
from featevo.visualize.filters import BORDERS

SHAPE = (3, 3, 12, 15)
IMAGES = 2 * torch.rand(SHAPE, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 0.5
FIRST, MIDDLE, LAST = (Step(number, 5, torch.zeros(SHAPE)) for number in (1, 3, 5))


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.2, 0.7)])
def test_clip_equals_numpy(low, high):
    assert np.array_equal(Clip(low, high)(IMAGES, FIRST).numpy(), IMAGES.numpy().clip(low, high))


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_median_equals_scipy(kernel_size, border):
    expected = scipy.ndimage.median_filter(IMAGES.numpy(), (1, 1, kernel_size, kernel_size), mode=BORDERS[border])
    assert np.array_equal(MedianFilter(kernel_size, border)(IMAGES, FIRST).numpy(), expected)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("step", "sigma"), [(FIRST, 1.5), (MIDDLE, 1.0), (LAST, 0.5)])
def test_blur_equals_scipy_at_the_schedules_width(step, sigma, border):
    expected = scipy.ndimage.gaussian_filter(IMAGES.numpy(), (0, 0, sigma, sigma), mode=BORDERS[border])
    scheduled = GaussianBlur(Schedule(1.5, 0.5, "linear"), border)(IMAGES, step)
    assert np.allclose(scheduled.numpy(), expected, rtol=0, atol=1e-13)
    assert torch.equal(scheduled, GaussianBlur(sigma, border)(IMAGES, step))


@pytest.mark.parametrize(("step", "rate"), [(FIRST, 0.3), (MIDDLE, 0.2), (LAST, 0.1)])
def test_decay_equals_numpy_at_the_schedules_rate(step, rate):
    expected = rate * 0.4 + (1 - rate) * IMAGES.numpy()
    scheduled = Decay(Schedule(0.3, 0.1, "linear"), grey=0.4)(IMAGES, step)
    assert np.allclose(scheduled.numpy(), expected, rtol=0, atol=1e-14)
    assert np.allclose(Decay(rate, grey=0.4)(IMAGES, step).numpy(), expected, rtol=0, atol=1e-14)


OPERATORS = [Clip(), MedianFilter(), GaussianBlur(1.0), Decay(0.3)]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: type(operator).__name__)
def test_processes_each_image_independently_and_does_not_change_its_input(operator):
    before = IMAGES.clone()
    together = operator(IMAGES, MIDDLE)
    alone = [operator(IMAGES[k : k + 1], Step(3, 5, MIDDLE.gradient[k : k + 1])) for k in range(len(IMAGES))]
    assert torch.equal(IMAGES, before)
    assert not torch.equal(together, IMAGES)
    assert torch.allclose(together, torch.cat(alone), rtol=0, atol=1e-14)


def test_progress_goes_from_0_to_1():
    gradient = torch.zeros(1, 3, 2, 2)
    assert [Step(number, 5, gradient).progress for number in range(1, 6)] == [0, 0.25, 0.5, 0.75, 1]
    assert Step(1, 1, gradient).progress == 0


@pytest.mark.parametrize("operator", [Clip, MedianFilter, GaussianBlur, Decay])
@pytest.mark.parametrize("every", [0, -2])
def test_is_applied_every_so_many_steps(operator, every):
    with pytest.raises(ValueError, match=f"every={every}: an operator is applied every 1, 2, 3, ... steps"):
        operator(every=every)
    assert operator(every=7).every == 7


@pytest.mark.parametrize(
    ("operator", "arguments", "message"),
    [
        (Clip, {"low": 0.5, "high": 0.5}, "low=0.5, high=0.5: the range to clip to is empty"),
        (Clip, {"low": float("nan")}, "low=nan, high=1.0: the range to clip to is empty"),
        (MedianFilter, {"every": float("nan")}, "every=nan: an operator is applied every 1, 2, 3"),
        (MedianFilter, {"kernel_size": 4}, "kernel_size=4: a median filter needs an odd window"),
        (MedianFilter, {"kernel_size": -1}, "kernel_size=-1: a median filter needs an odd window"),
        (MedianFilter, {"border": "zero"}, "border='zero': use one of replicate, reflect"),
        (GaussianBlur, {"sigma": -0.1}, "sigma=-0.1: a blur's width cannot be below 0"),
        (GaussianBlur, {"sigma": Schedule(1.0, -1.0)}, "sigma=Schedule.*: a blur's width cannot be below 0"),
        (GaussianBlur, {"border": "zero"}, "border='zero': use one of replicate, reflect"),
        (Decay, {"rate": 1.0}, "rate=1.0: must be at least 0 and below 1"),
        (Decay, {"rate": -0.1}, "rate=-0.1: must be at least 0 and below 1"),
        (Decay, {"rate": float("nan")}, "rate=nan: must be at least 0 and below 1"),
        (Decay, {"rate": Schedule(0.5, 1.5)}, "rate=Schedule.*: must be at least 0 and below 1"),
    ],
)
def test_wrong_settings_are_refused(operator, arguments, message):
    with pytest.raises(ValueError, match=message):
        operator(**arguments)
