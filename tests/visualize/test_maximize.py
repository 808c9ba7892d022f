"""Activation maximization: the paper's recipe against a reference, and promise 2 (only unit, seed, weights)."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from torch import nn

from featevo.visualize import ClassLogit, NonFiniteError, Regularizer, Schedule, maximize
from featevo.visualize.parameterizations import Pixels
from featevo.visualize.streams import stream
from tests.visualize.parts import Couples, draw, small_net


def start_image(unit, seed):
    return Pixels().space((3, 16, 16), None).noise(stream(seed, unit))


@pytest.fixture
def net():
    return small_net()


def test_follows_the_papers_recipe_step_by_step(net):
    """Normalised gradient step, clip every step, 5 x 5 median every fourth: recomputed with numpy and scipy."""
    unit, steps, step_size = 2, 9, 0.05
    mean, std = np.array([0.4, 0.5, 0.6])[:, None, None], np.array([0.2, 0.25, 0.3])[:, None, None]
    (render,) = draw(net, [unit], steps=steps, step_size=step_size, mean=mean.ravel(), std=std.ravel(), seed=3)

    net.eval()
    image = start_image(unit, 3).double().numpy()
    values = []
    for step in range(1, steps + 1):
        leaf = torch.tensor((image - mean) / std, requires_grad=True)
        logit = net(leaf[None])[0, unit]
        logit.backward()
        values.append(logit.item())
        assert leaf.grad is not None
        gradient = leaf.grad.numpy() / std
        image = image + step_size * gradient / gradient.std(ddof=1)
        image = image.clip(0, 1)
        if step % 4 == 0:
            image = scipy.ndimage.median_filter(image, size=(1, 5, 5), mode="nearest")
    assert np.allclose(render.trace, values, rtol=1e-9)
    assert np.allclose(render.image.numpy(), image, atol=1e-6)
    final = net(torch.tensor((image - mean) / std)[None])[0].softmax(0)
    assert render.probability == pytest.approx(final[unit].item(), rel=1e-5)


@pytest.mark.parametrize("step_size", [None, 0.1])
def test_a_larger_first_step_falls_to_the_own_step_size(net, step_size):
    (render,) = draw(net, [1], first_step=4, step_size=step_size, steps=9)
    size = step_size or 0.06
    (expected,) = draw(net, [1], step_size=Schedule(4 * size, size), steps=9)
    assert torch.allclose(render.image, expected.image, atol=1e-6)
    assert "Scaled" in render.settings["regularizer"]["optimizer"]


class MadeLast(nn.Module):
    """Its first convolution by the order of its modules does not take the images."""

    def __init__(self):
        super().__init__()
        self.last, self.first = nn.Conv2d(4, 8, 3), nn.Conv2d(2, 4, 3)

    def forward(self, images):
        return self.last(self.first(images))


@pytest.mark.parametrize(
    ("first", "settings", "expected"),
    [
        (nn.Conv2d(1, 8, 3), {}, 1),
        (nn.Conv2d(3, 8, 3), {}, 3),
        (nn.Conv2d(1, 8, 3), {"mean": [0.4], "std": [0.2]}, 1),
        (MadeLast(), {"mean": [0.4, 0.5]}, 2),
        (MadeLast(), {"channels": 2}, 2),
        (nn.Identity(), {}, 3),
    ],
)
def test_the_channels_are_the_given_ones_those_of_the_mean_or_of_the_first_convolution(first, settings, expected):
    net = nn.Sequential(first, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    drawn = maximize(net, ClassLogit([0]), image_size=16, steps=1, **settings)[0]
    assert (drawn.image.shape, drawn.settings["channels"]) == ((expected, 16, 16), expected)


def test_images_of_channels_that_were_found_are_those_of_given_ones(net):
    for found, given in zip(draw(net), draw(net, channels=3), strict=True):
        assert torch.equal(found.image, given.image)


def test_climbs(net):
    for render in draw(net, steps=40):
        assert render.trace[-1] > render.trace[0]
        assert 0 <= render.image.min() <= render.image.max() <= 1
        assert render.image.shape == (3, 16, 16)


@pytest.mark.parametrize("chunk_size", [1, 2, 3, None])
def test_an_image_depends_only_on_its_unit_seed_and_weights(net, chunk_size):
    together = draw(net)
    chunked = draw(net, chunk_size=chunk_size)
    reordered = draw(net, [4, 2, 0])
    for unit, render in enumerate(together):
        (alone,) = draw(net, [unit])
        assert torch.allclose(alone.image, render.image, rtol=0, atol=1e-6)
        assert torch.allclose(chunked[unit].image, render.image, rtol=0, atol=1e-6)
        assert np.allclose(alone.trace, render.trace, rtol=1e-9)
    for render in reordered:
        assert torch.allclose(render.image, together[render.unit].image, rtol=0, atol=1e-6)


def test_operators_that_couple_images_are_detected(net):
    """Negative control: a filter over the whole batch breaks promise 2, and the comparison above detects it."""

    class BatchMean:
        every = 1

        def __call__(self, images, step):
            return images - images.mean() + 0.5

    coupled = Regularizer({"mean": BatchMean()})
    (alone,) = draw(net, [0], regularizer=coupled)
    assert not torch.allclose(alone.image, draw(net, regularizer=coupled)[0].image, atol=1e-6)


def test_seeds_and_units_differ_and_the_global_stream_does_not_change(net):
    before = torch.get_rng_state()
    starts = [start_image(unit, seed) for seed in (0, 1) for unit in (0, 1)]
    for i, one in enumerate(starts):
        for other in starts[i + 1 :]:
            assert not torch.equal(one, other)
    first, again, other = draw(net, [1]), draw(net, [1]), draw(net, [1], seed=1)
    assert torch.equal(first[0].image, again[0].image)
    assert not torch.equal(first[0].image, other[0].image)
    assert torch.equal(torch.get_rng_state(), before)


def test_reports_progress_over_all_chunks(net):
    seen: list[tuple[int, int]] = []
    draw(net, steps=3, chunk_size=2, on_step=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 15) for done in (2, 4, 6, 8, 10, 12, 13, 14, 15)]


def test_a_dead_unit_keeps_its_start_image(net):
    net.layers[-1].weight.data[1] = 0
    (dead,) = draw(net, [1], regularizer=Regularizer())
    assert torch.allclose(dead.image, start_image(1, 0))


def test_half_precision_weights_get_float32_images():
    torch.manual_seed(0)
    net = Couples().to(torch.bfloat16)
    (render,) = draw(net, [0], step_size=0.001, steps=4)  # below bfloat16's resolution near 0.5
    assert render.image.dtype == torch.float32
    assert not torch.allclose(render.image, start_image(0, 0))


@pytest.mark.parametrize(
    ("units", "settings", "message"),
    [
        ([7], {}, "unit 7 does not exist: the model has classes 0 to 4"),
        ([0], {"steps": 0}, "steps=0"),
        ([0], {"step_size": -1.0}, "step_size=-1.0"),
        ([0], {"first_step": 0}, "first_step=0: must be above 0"),
        ([0], {"steps": "10"}, "steps='10': must be a whole number"),
        ([0], {"steps": 2.5}, "steps=2.5: must be a whole number"),
        ([0], {"copies": True}, "copies=True: must be a whole number"),
        ([0], {"seed": "a"}, "seed='a': must be a whole number"),
        ([0], {"step_size": [0.1]}, r"step_size=\[0.1\]: must be a number"),
        ([0], {"snapshots": 4}, r"snapshots=4: must be a list of steps, such as \[1, 8\]"),
        ([0], {"snapshots": [1.5]}, r"snapshots=\[1.5\]: must be a list of steps, such as \[1, 8\]"),
        ([0], {"mean": 0.5, "std": 0.25}, r"mean=0.5: must be a list of numbers, such as \[0.5\]"),
        ([0], {"std": 0.25}, r"std=0.25: must be a list of numbers, such as \[0.5\]"),
        ([0], {"mean": "0.5"}, r"mean='0.5': must be a list of numbers, such as \[0.5\]"),
        ([0], {"regularizer": "papr"}, "regularizer='papr' is not known; there are: clear, clear_large, lucid, maco"),
        ([0], {"image_size": 4}, "the image is only 4 x 4 pixels"),
    ],
)
def test_wrong_settings_are_named(net, units, settings, message):
    with pytest.raises(ValueError, match=message):
        draw(net, units, **settings)


def test_no_units_is_an_error():
    with pytest.raises(ValueError, match="name at least one class index"):
        ClassLogit([])


@pytest.mark.parametrize("units", [[1.5], ["1"], 1])
def test_units_are_whole_numbers(units):
    with pytest.raises(ValueError, match=r"must be a list of class indices, such as \[0\]"):
        ClassLogit(units)


def test_a_class_is_no_objective(net):
    with pytest.raises(ValueError, match=r"objective=\[0\]: must be an objective, such as ClassLogit\(\[0\]\)"):
        maximize(net, [0], image_size=16)  # type: ignore[arg-type]


def test_an_output_without_logits_is_an_error():
    with pytest.raises(ValueError, match=r"the model returns \(1, 3, 16, 16\) for 1 images, not \(1, classes\)"):
        draw(nn.Conv2d(3, 3, 1), [0])


def test_the_error_of_non_finite_outputs_names_unit_and_step(net):
    net.layers[-1].bias.data[3] = float("nan")
    with pytest.raises(NonFiniteError, match="unit 3: the model's output or its gradient is not finite at step 1"):
        draw(net, [3])


class Peak(nn.Module):
    """Its logit is largest at the start image, so that any large step lowers it."""

    def __init__(self, start):
        super().__init__()
        self.top = nn.Parameter(start)

    def forward(self, images):
        return -(images - self.top - 1e-4).square().sum((1, 2, 3))[:, None].expand(-1, 2)


def test_an_image_that_never_rose_is_named():
    start = torch.full((3, 8, 8), 0.5)
    (render,) = maximize(Peak(start), ClassLogit([0]), image_size=8, steps=20, step_size=0.3, start=start)
    assert render.stopped == "never rose"
    (render,) = maximize(Peak(start + 0.2), ClassLogit([0]), image_size=8, steps=20, step_size=0.01, start=start)
    assert render.stopped == "steps"
