"""Ascents beyond the paper's: any bundle, copies, plateaus, best images, snapshots, two sizes."""

import numpy as np
import pytest
import torch

from featevo.app.paths import CONF
from featevo.visualize import (
    AlphaNorm,
    Channel,
    ClassLogit,
    Clip,
    Diversity,
    Noise,
    NonFiniteError,
    NormalisedAscent,
    Penalty,
    Plateau,
    Regularizer,
    Schedule,
    TorchOptimizer,
    TotalVariation,
    maximize,
)
from featevo.visualize.ascent import CHECK_EVERY
from featevo.visualize.filters import median_of_finite
from tests.visualize.parts import draw, small_net

BUNDLES = sorted(path.stem for path in (CONF / "regularizer").glob("*.yaml"))
EXAMPLES = torch.rand(24, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def net():
    return small_net()


@pytest.mark.parametrize("name", BUNDLES)
def test_no_bundle_couples_images(net, name):
    """Promise 2 under operators, penalties, transforms, frequencies and optimizers with a memory."""
    settings = {"regularizer": name, "examples": EXAMPLES, "steps": 10}
    together = draw(net, **settings)
    chunked = draw(net, chunk_size=2, **settings)
    for unit in (0, 3):
        (alone,) = draw(net, [unit], **settings)
        for other in (together[unit], chunked[unit]):
            assert torch.allclose(alone.image, other.image, rtol=0, atol=1e-6)
            assert np.allclose(alone.trace, other.trace, rtol=1e-7)
    assert not torch.allclose(together[0].image, draw(net, [0], seed=1, **settings)[0].image, atol=1e-3)


@pytest.mark.parametrize("name", BUNDLES)
def test_every_bundle_climbs(net, name):
    regularizer = Regularizer.named(name)
    for render in draw(net, regularizer=regularizer, examples=EXAMPLES, steps=40):
        assert np.mean(render.trace[-10:]) > render.trace[0]  # a mean, as each step has its own random transforms
        assert 0 <= render.image.min() <= render.image.max() <= 1


def test_the_network_gets_transformed_images(net):
    """Negative control: a test of a single image would not detect the same random draws for all images."""
    renders = draw(net, [0, 0], regularizer="lucid", steps=4, copies=2)
    assert torch.equal(renders[0].image, renders[2].image)  # the same unit and copy
    assert not torch.allclose(renders[0].image, renders[1].image, atol=1e-3)  # the other copy


def test_penalties_act_against_the_objective(net):
    (free,) = draw(net, [1], regularizer=Regularizer(), steps=30)
    smooth = Regularizer(penalties={"tv": TotalVariation(50.0)})
    (bound,) = draw(net, [1], regularizer=smooth, steps=30)
    assert TotalVariation()(bound.image[None]) < 0.5 * TotalVariation()(free.image[None])
    assert bound.value < free.value


def test_a_penalised_step_is_the_gradient_of_the_difference(net):
    """One plain step of gradient descent, recomputed with autograd on objective minus penalties."""
    penalties: dict[str, Penalty] = {"tv": TotalVariation(0.7), "norm": AlphaNorm(Schedule(2.0, 1.0), alpha=4)}
    regularizer = Regularizer(penalties=penalties, optimizer=TorchOptimizer("SGD", 0.01))
    start = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(1)) * 0.5 + 0.25
    (render,) = draw(net, [2], regularizer=regularizer, steps=1, start=start)
    net.eval()
    image = start.double()[None].requires_grad_(True)
    climbed = net(image)[0, 2] - 0.7 * TotalVariation()(image) - 2.0 * AlphaNorm(alpha=4)(image)
    (slope,) = torch.autograd.grad(climbed.sum(), image)
    assert torch.allclose(render.image, (image + 0.01 * slope)[0].float(), atol=1e-6)


def test_balanced_penalties_do_not_depend_on_the_scale_of_the_logits(net):
    settings = {"regularizer": "mahendran", "steps": 12}
    before = draw(net, [0], **settings)[0].image
    for parameter in (net.layers[-1].weight, net.layers[-1].bias):
        parameter.data *= 100
    assert torch.allclose(draw(net, [0], **settings)[0].image, before, atol=1e-6)


def test_channels_of_a_layer_have_no_probability(net):
    renders = maximize(net, Channel("layers.3", [1, 6]), image_size=16, steps=12)
    for render in renders:
        assert render.value > render.trace[0]
        assert render.logit is None
        assert render.probability is None
    with torch.no_grad():
        hidden = net.eval().layers[:4](renders[1].image[None].double())
    assert renders[1].value == pytest.approx(hidden[0, 6].mean().item(), rel=1e-4)


def test_only_copies_of_one_unit_are_coupled(net):
    objective = ClassLogit([0, 4]) + 5.0 * Diversity("layers.3")
    both = maximize(net, objective, image_size=16, steps=8, copies=3)
    alone = maximize(net, ClassLogit([4]) + 5.0 * Diversity("layers.3"), image_size=16, steps=8, copies=3)
    assert [(render.unit, render.copy) for render in both] == [(0, 0), (0, 1), (0, 2), (4, 0), (4, 1), (4, 2)]
    for one, other in zip(both[3:], alone, strict=True):
        assert torch.allclose(one.image, other.image, rtol=0, atol=1e-6)


def test_a_plateau_ends_each_image_by_its_own_trace(net):
    plateau = Plateau(patience=2, min_gain=0.05, every=2)
    together = draw(net, steps=200, plateau=plateau)
    assert {render.stopped for render in together} == {"plateau"}
    assert len({len(render.trace) for render in together}) > 1
    for render in together:
        (alone,) = draw(net, [render.unit], steps=200, plateau=plateau)
        assert len(alone.trace) == len(render.trace) < 200
        assert torch.allclose(alone.image, render.image, rtol=0, atol=1e-6)
        (cut,) = draw(net, [render.unit], steps=len(render.trace))
        assert torch.allclose(cut.image, render.image, rtol=0, atol=1e-6)


def test_the_best_image_is_the_highest_of_all_steps(net):
    rough = Regularizer({"clip": Clip()}, optimizer=NormalisedAscent(0.8))  # too large steps: values rise and fall
    last, best = (draw(net, regularizer=rough, steps=20, keep=keep) for keep in ("last", "best"))
    for one, other in zip(last, best, strict=True):
        assert other.value == pytest.approx(max(*one.trace, one.value), rel=1e-6)
    assert any(other.value > one.value for one, other in zip(last, best, strict=True))


def test_the_best_and_the_last_are_compared_without_transforms(net):
    noisy = Regularizer({"clip": Clip()}, transforms={"noise": Noise(0.3)})
    last, best = (draw(net, regularizer=noisy, steps=20, keep=keep) for keep in ("last", "best"))
    assert all(other.value >= one.value for one, other in zip(last, best, strict=True))


def test_snapshots_after_a_plateau_are_the_last_image(net):
    (render,) = draw(net, [2], steps=300, snapshots=(2, 300), plateau=Plateau(patience=1, min_gain=0.2, every=2))
    assert render.stopped == "plateau"
    assert torch.equal(render.snapshots[300], render.image)
    assert not torch.equal(render.snapshots[2], render.image)


def test_snapshots_are_the_images_of_shorter_ascents(net):
    (render,) = draw(net, [2], steps=12, snapshots=(1, 5, 12))
    assert list(render.snapshots) == [1, 5, 12]
    for steps, image in render.snapshots.items():
        assert torch.equal(image, draw(net, [2], steps=steps)[0].image)


def test_images_need_not_be_square(net):
    (render,) = draw(net, [0], image_size=(12, 20), regularizer="lucid")
    assert render.image.shape == (3, 12, 20)


def test_a_render_has_all_settings(net):
    (render,) = draw(net, [1], seed=3, chunk_size=7, mean=(0.5,), std=(0.25,))
    assert render.settings == {
        "objective": "ClassLogit",
        "image_size": 16,
        "channels": 3,
        "mean": [0.5],
        "std": [0.25],
        "steps": 12,
        "seed": 3,
        "copies": 1,
        "start": "noise",
        "plateau": None,
        "keep": "last",
        "cuda_graph": False,
        "regularizer": Regularizer.named("paper").described(),
        "device": "cpu",
        "dtype": "float64",
        "fast_paths": [],
        "chunk_size": 1,
    }
    assert len(render.weights) == 64
    net.layers[0].bias.data[0] += 1
    assert draw(net, [1])[0].weights != render.weights


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": "first"}, "keep='first': use one of last, best"),
        ({"snapshots": (0,)}, r"snapshots=\[0\]: steps are 1 to 12"),
        ({"copies": 0}, "copies=0: must be above 0"),
        ({"memory_gb": 0}, "memory_gb=0: must be above 0"),
        ({"image_size": (0, 4)}, "image_size=.*: give a side above 0"),
        ({"mean": (0.5, 0.5)}, r"mean=\(0.5, 0.5\): give one number, or one for each of 3 channels"),
        ({"std": (0.0,)}, r"std\[0\]=0.0: must be above 0"),
        (
            {"start": "mean", "examples": EXAMPLES * 255},
            "examples of start=mean: images are floating point from 0 to 1",
        ),
        ({"start": "grey"}, "start='grey': use one of noise, mean, or images"),
        ({"start": "mean"}, "start=mean uses the statistics of images: give examples"),
        ({"regularizer": "maco"}, "give examples"),
    ],
)
def test_wrong_settings_are_named(net, settings, message):
    with pytest.raises(ValueError, match=message):
        draw(net, [0], **settings)


def test_a_term_without_units_cannot_be_the_only_one(net):
    with pytest.raises(ValueError, match=r"Diversity\(layers.3\) has no units"):
        maximize(net, Diversity("layers.3"), image_size=16, copies=2)


@pytest.mark.parametrize("every", [1, 5])
def test_a_gradient_that_explodes_is_named_with_its_step_however_rarely_it_is_checked(net, monkeypatch, every):
    monkeypatch.setitem(CHECK_EVERY, "cpu", every)
    if every > 1:  # as on a GPU, the filter does not check either
        monkeypatch.setattr("featevo.visualize.operators.median_filter", median_of_finite)

    class Explodes(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner, self.calls = inner, 0

        def forward(self, images):
            self.calls += 1
            return self.inner(images) * (float("inf") if self.calls == 4 else 1.0)

    with pytest.raises(NonFiniteError, match=r"unit 0: .* not finite at step 4"):
        draw(Explodes(net), chunk_size=5)
