"""Bundles: when terms are applied, by which names they are found, what is said of wrong ones."""

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.visualize import (
    Clip,
    Decay,
    Fourier,
    GaussianBlur,
    Jitter,
    MedianFilter,
    NormalisedAscent,
    Regularizer,
    Schedule,
    SmallContributionClip,
    SmallNormClip,
    Step,
    TotalVariation,
    median_filter,
)
from featevo.visualize.streams import Streams, stream

BUNDLES = sorted(path.stem for path in (CONF / "regularizer").glob("*.yaml"))


def step(number, pictures):
    return Step(number, 8, torch.zeros_like(pictures))


def test_the_papers_bundle_is_clip_always_and_median_every_fourth():
    paper = Regularizer.named("paper")
    assert dict(paper.operators) == {"clip": Clip(0.0, 1.0, every=1), "median": MedianFilter(5, "replicate", every=4)}
    assert paper.optimizer == NormalisedAscent(0.06)
    assert not paper.penalties
    assert not paper.transforms
    pictures = torch.rand(2, 3, 8, 8) * 3 - 1
    for number in range(1, 9):
        clipped = pictures.clamp(0, 1)
        expected = median_filter(clipped) if number in (4, 8) else clipped
        assert torch.equal(paper.apply(pictures, step(number, pictures)), expected), number


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
def test_every_bundle_fits_small_pictures_of_any_channels(name):
    for channels in (1, 3, 4):
        regularizer = Regularizer.named(name)
        examples = torch.rand(20, channels, 16, 16, generator=torch.Generator().manual_seed(0))
        regularizer.check((channels, 16, 16), examples)
        pictures = examples[:2]
        assert regularizer.apply(pictures, step(4, pictures)).shape == pictures.shape
        seen = regularizer.seen(pictures, Streams([stream(0, 0), stream(0, 1)], regularizer.samples))
        assert seen.shape == (2 * regularizer.samples, channels, 16, 16)


@pytest.mark.parametrize("name", BUNDLES)
def test_hydra_composes_what_is_found_by_name_and_reaches_every_term(name):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("train", [f"regularizer={name}"]).regularizer
        every = compose("train", [f"regularizer={name}", "regularizer.operators.median.every=8"]).regularizer
    content = OmegaConf.to_container(composed, resolve=True)
    assert Regularizer.from_config(content).described() == Regularizer.named(name).described()
    assert Regularizer.from_config(OmegaConf.to_container(every)).operators["median"].every == 8


def test_what_is_off_is_left_out():
    config = {
        "operators": {"clip": None, "median": {"_target_": "nonsense", "every": None}},
        "penalties": {"tv": {"_target_": "nonsense", "weight": 0}},
        "transforms": {"jitter": None},
        "optimizer": None,
    }
    assert Regularizer.from_config(config) == Regularizer()


def test_schedules_are_built_within_terms():
    blur = {
        "_target_": "featevo.visualize.GaussianBlur",
        "sigma": {"_target_": "featevo.visualize.Schedule", "start": 2.0, "end": 0.5},
    }
    regularizer = Regularizer.from_config({"operators": {"blur": blur}})
    assert regularizer.operators["blur"] == GaussianBlur(Schedule(2.0, 0.5))


def test_penalties_are_weighed_and_summed():
    pictures = torch.rand(2, 3, 8, 8)
    one, other = TotalVariation(2.0), TotalVariation(Schedule(0.0, 1.0, "linear"), beta=1)
    both = Regularizer(penalties={"one": one, "other": other})
    assert torch.allclose(both.penalty(pictures, 0.5), 2 * one(pictures) + 0.5 * other(pictures))
    assert torch.equal(Regularizer().penalty(pictures, 0.0), torch.zeros(2))


def test_described_says_all_that_shapes_a_picture():
    told = Regularizer({"clip": Clip()}, transforms={"shift": Jitter(0.25)}, samples=2, parameterization=Fourier())
    assert told.described() == {
        "parameterization": "Fourier(decay_power=1.0, start_std=0.01, colour='imagenet')",
        "optimizer": "NormalisedAscent(step_size=0.06)",
        "operators": {"clip": "Clip(low=0.0, high=1.0, every=1)"},
        "penalties": {},
        "transforms": {"shift": "Jitter(share=0.25)"},
        "period": 1,
        "balanced": False,
        "samples": 2,
    }


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"_target_": "featevo.visualize.operators.Clipp"}, "regularizer.operators.x._target_=.* cannot be imported"),
        ({"_target_": "featevo.visualize.operators.Clip", "hi": 1}, "regularizer.operators.x: .*'hi'"),
        ({"_target_": "featevo.visualize.operators.Clip", "every": 0}, "regularizer.operators.x: every=0"),
        ({"_target_": "featevo.visualize.operators.Clip", "low": 2.0}, "the range to clip to is empty"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "kernel_size": 4}, "odd window"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "border": "x"}, "use one of replicate, reflect"),
        (3, "regularizer.operators.x=3: must be null, or name a class as _target_"),
    ],
)
def test_wrong_entries_are_named(entry, message):
    with pytest.raises(ValueError, match=message):
        Regularizer.from_config({"operators": {"x": entry}})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"operator": {}}, "regularizer.operator is not known; there are: parameterization, optimizer, operators"),
        ({"samples": 0}, "samples=0: must be at least 1"),
        ({"optimizer": {"_target_": "featevo.visualize.NormalisedAscent", "step_size": -1}}, "optimizer: step_size=-1"),
    ],
)
def test_wrong_parts_are_named(config, message):
    with pytest.raises(ValueError, match=message):
        Regularizer.from_config(config)


def test_an_unknown_bundle_lists_those_there_are():
    with pytest.raises(ValueError, match="regularizer='papr' is not known; there are: " + ", ".join(BUNDLES)):
        Regularizer.named("papr")
