"""Bundles: when terms are applied, their names, and the error for a wrong name."""

import pytest
import torch

from featevo.visualize import (
    ClassLogit,
    Clip,
    Decay,
    Fourier,
    GaussianBlur,
    Jitter,
    MedianFilter,
    NormalisedAscent,
    Operator,
    Regularizer,
    Schedule,
    SmallContributionClip,
    SmallNormClip,
    Step,
    TotalVariation,
    maximize,
    median_filter,
)
from featevo.visualize.bundles import BUNDLES
from featevo.visualize.streams import Streams, stream


def step(number, images):
    return Step(number, 8, torch.zeros_like(images))


def test_the_papers_bundle_is_clip_always_and_median_every_fourth():
    paper = Regularizer.named("paper")
    assert dict(paper.operators) == {"clip": Clip(0.0, 1.0, every=1), "median": MedianFilter(5, "replicate", every=4)}
    assert paper.optimizer == NormalisedAscent(0.06)
    assert not paper.penalties
    assert not paper.transforms
    images = torch.rand(2, 3, 8, 8) * 3 - 1
    for number in range(1, 9):
        clipped = images.clamp(0, 1)
        expected = median_filter(clipped) if number in (4, 8) else clipped
        assert torch.equal(paper.apply(images, step(number, images)), expected), number


@pytest.mark.parametrize(
    ("name", "operators"),
    [
        ("yosinski1", [GaussianBlur(0.5, every=4), SmallNormClip(50)]),
        ("yosinski2", [Decay(0.3), SmallNormClip(20)]),
        ("yosinski3", [Decay(1e-4), GaussianBlur(1.0, every=4)]),
        ("yosinski4", [GaussianBlur(0.5, every=4), SmallContributionClip(90)]),
    ],
)
def test_the_toolboxes_presets_are_as_published(name, operators):
    assert list(Regularizer.named(name).operators.values()) == [*operators, Clip()]


@pytest.mark.parametrize("name", BUNDLES)
def test_every_bundle_fits_small_images_of_any_channels(name):
    for channels in (1, 3, 4):
        regularizer = Regularizer.named(name)
        examples = torch.rand(20, channels, 16, 16, generator=torch.Generator().manual_seed(0))
        regularizer.check((channels, 16, 16), examples)
        images = examples[:2]
        assert regularizer.apply(images, step(4, images)).shape == images.shape
        seen = regularizer.seen(images, Streams([stream(0, 0), stream(0, 1)], regularizer.samples))
        assert seen.shape == (2 * regularizer.samples, channels, 16, 16)


class Brighter:
    """A user's operator that leaves the range."""

    every = 1

    def __call__(self, images, step):
        return images + 5


@pytest.mark.parametrize("names", [("clip", "brighter"), ("brighter", "clip")])
def test_images_stay_in_the_range_for_any_position_of_the_clip(names):
    operators: dict[str, Operator] = {"clip": Clip(), "brighter": Brighter()}
    images = torch.rand(2, 3, 8, 8)
    regularizer = Regularizer({name: operators[name] for name in names})
    assert torch.equal(regularizer.apply(images, step(1, images)), torch.ones_like(images))


def test_the_network_gets_clipped_images_after_every_operator():
    shown = []
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 2))
    net.register_forward_pre_hook(lambda module, inputs: shown.append(inputs[0].detach().clone()))
    operators: dict[str, Operator] = {"clip": Clip(), "brighter": Brighter()}
    regularizer = Regularizer(operators)
    maximize(net, ClassLogit([0]), image_size=4, steps=3, regularizer=regularizer, chunk_size=1)
    assert all(0 <= float(images.min()) <= float(images.max()) <= 1 for images in shown)
    maximize(net, ClassLogit([0]), image_size=4, steps=3, regularizer=Regularizer({"brighter": Brighter()}))
    assert float(shown[-2].max()) > 5  # without a clip the network gets these values during the ascent
    assert float(shown[-1].max()) == 1  # but never for the image that is returned


def test_all_but_the_clip_keep_their_order():
    operators: dict[str, Operator] = {"clip": Clip(), "median": MedianFilter(), "decay": Decay()}
    assert list(Regularizer(operators).operators) == ["median", "decay", "clip"]
    assert list(operators) == ["clip", "median", "decay"]


def test_penalties_are_weighted_and_summed():
    images = torch.rand(2, 3, 8, 8)
    one, other = TotalVariation(2.0), TotalVariation(Schedule(0.0, 1.0, "linear"), beta=1)
    both = Regularizer(penalties={"one": one, "other": other})
    assert torch.allclose(both.penalty(images, 0.5), 2 * one(images) + 0.5 * other(images))
    assert torch.equal(Regularizer().penalty(images, 0.0), torch.zeros(2))


def test_described_has_all_parts():
    regularizer = Regularizer(
        {"clip": Clip()}, transforms={"shift": Jitter(0.25)}, samples=2, parameterization=Fourier()
    )
    assert regularizer.described() == {
        "parameterization": "Fourier(decay_power=1.0, start_std=0.01, colour='imagenet')",
        "optimizer": "NormalisedAscent(step_size=0.06)",
        "operators": {"clip": "Clip(low=0.0, high=1.0, every=1)"},
        "penalties": {},
        "transforms": {"shift": "Jitter(share=0.25)"},
        "period": 1,
        "balanced": False,
        "samples": 2,
    }


def test_fewer_than_one_sample_is_refused():
    with pytest.raises(ValueError, match="samples=0: must be at least 1"):
        Regularizer(samples=0)


def test_the_error_of_an_unknown_bundle_lists_all():
    with pytest.raises(ValueError, match="regularizer='papr' is not known; there are: " + ", ".join(sorted(BUNDLES))):
        Regularizer.named("papr")
