"""Regularizers from the configuration: equal to the bundles of that name, each mistake in one line with its key."""

from functools import partial

import pytest
import torch
from hydra import compose, initialize_config_dir

from featevo.app.build_regularizer import build_regularizer
from featevo.app.paths import CONF
from featevo.app.schemas import plain, register
from featevo.errors import UserError
from featevo.visualize import ClassLogit, GaussianBlur, Regularizer, Schedule, maximize
from featevo.visualize.bundles import BUNDLES
from featevo.visualize.regularizer import TERMS


def composed(*overrides):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build_regularizer(plain(compose("train", list(overrides)))["regularizer"])


def small_net():
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 4, 3), torch.nn.Softplus(), torch.nn.Flatten(), torch.nn.Linear(784, 3)
    return torch.nn.Sequential(*layers)


def test_every_file_is_a_bundle_and_every_bundle_has_a_file():
    assert sorted(BUNDLES) == sorted(path.stem for path in (CONF / "regularizer").glob("*.yaml"))


@pytest.mark.parametrize("name", BUNDLES)
def test_the_file_and_the_bundle_of_one_name_are_one_regularizer(name):
    configured, bundle = composed(f"regularizer={name}"), Regularizer.named(name)
    assert configured.described() == bundle.described()
    for part in TERMS:
        assert list(getattr(configured, part)) == list(getattr(bundle, part))
    draw = partial(maximize, small_net(), ClassLogit([0, 2]), image_size=16, steps=9, examples=torch.rand(8, 3, 16, 16))
    for one, other in zip(draw(regularizer=configured), draw(regularizer=name), strict=True):
        assert torch.equal(one.image, other.image)


def test_another_value_in_the_file_is_another_regularizer_and_another_image():
    """The comparison above can detect a difference."""
    other = composed("regularizer=yosinski2", "regularizer.operators.decay.rate=0.31")
    assert other.described() != Regularizer.named("yosinski2").described()
    draw = partial(maximize, small_net(), ClassLogit([0]), image_size=16, steps=9)
    assert not torch.equal(draw(regularizer=other)[0].image, draw(regularizer="yosinski2")[0].image)


@pytest.mark.parametrize("name", BUNDLES)
def test_every_bundle_takes_every_term(name):
    changed = composed(
        f"regularizer={name}", "regularizer.operators.median.every=8", "regularizer.penalties.l1.weight=2"
    )
    assert changed.operators["median"].every == 8
    assert changed.penalties["l1"].weight == 2


def test_a_term_added_after_the_clip_stays_within_the_range():
    extra = "+regularizer.operators.extra={_target_: featevo.visualize.GaussianBlur, sigma: 0.5, every: 1}"
    assert list(composed("regularizer=paper", extra).operators) == ["median", "extra", "clip"]


def test_the_configuration_of_an_earlier_run_is_read():
    assert build_regularizer({"views": 4}) == Regularizer(samples=4)


def test_disabled_terms_are_left_out():
    config = {
        "operators": {"clip": None, "median": {"_target_": "nonsense", "every": None}},
        "penalties": {"tv": {"_target_": "nonsense", "weight": 0}},
        "transforms": {"jitter": None},
        "optimizer": None,
    }
    assert build_regularizer(config) == Regularizer()


def test_schedules_are_built_within_terms():
    blur = {
        "_target_": "featevo.visualize.GaussianBlur",
        "sigma": {"_target_": "featevo.visualize.Schedule", "start": 2.0, "end": 0.5},
    }
    assert build_regularizer({"operators": {"blur": blur}}).operators["blur"] == GaussianBlur(Schedule(2.0, 0.5))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"_target_": "featevo.visualize.operators.Clipp"}, "regularizer.operators.x: .*Clipp"),
        ({"_target_": "featevo.visualize.operators.Clip", "hi": 1}, "regularizer.operators.x: .*'hi'"),
        ({"_target_": "featevo.visualize.operators.Clip", "every": 0}, "regularizer.operators.x: every=0"),
        ({"_target_": "featevo.visualize.operators.Clip", "every": "a"}, "regularizer.operators.x.every=a: must be a"),
        ({"_target_": "featevo.visualize.operators.Clip", "low": 2.0}, "the range to clip to is empty"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "kernel_size": 4}, "odd window"),
        ({"_target_": "featevo.visualize.operators.MedianFilter", "border": "x"}, "use one of replicate, reflect"),
        (3, "regularizer.operators.x=3: must be null, or name a class as _target_"),
    ],
)
def test_wrong_entries_are_named_in_one_line(entry, message, capsys):
    with pytest.raises(UserError, match=message) as error:
        build_regularizer({"operators": {"x": entry}})
    assert "\n" not in str(error.value)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"operator": {}}, "regularizer.operator is not known; there are: operators, penalties, balanced"),
        ({"operators": 3}, "regularizer.operators=3: must hold terms by name"),
        ({"samples": 0}, "regularizer.samples=0: must be at least 1"),
        ({"samples": "x"}, "regularizer.samples=x: must be a whole number"),
        ({"balanced": "x"}, "regularizer.balanced=x: must be true or false"),
        ({"optimizer": {"_target_": "featevo.visualize.NormalisedAscent", "step_size": -1}}, "optimizer: step_size=-1"),
    ],
)
def test_wrong_parts_are_named(config, message):
    with pytest.raises(UserError, match=message):
        build_regularizer(config)
