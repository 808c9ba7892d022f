"""Every number of a configuration has a range; whatever is overridden, a mistake is one line."""

import math
import os
import re
from contextlib import redirect_stderr
from io import StringIO
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import torch
from hydra import compose, initialize_config_dir
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from featevo.app.build import build_data
from featevo.app.build_augmentation import build_augmentation
from featevo.app.build_evolution import build_evolution
from featevo.app.exit import run_hydra_command
from featevo.app.instantiate import build
from featevo.app.paths import CONF
from featevo.app.ranges import RANGES, check_ranges
from featevo.app.schemas import plain, register
from featevo.app.trainer import build_callbacks, build_trainer
from featevo.errors import UserError
from featevo.tracking.metrics import MetricsTable


def composed(*overrides, name="train"):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(name, list(overrides))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("evolution.min_delta=nan", "evolution.min_delta=nan: must be a finite number from 0 to 1e+15"),
        ("evolution.min_delta=-0.1", "evolution.min_delta=-0.1: must be from 0 to 1e+15"),
        ("evolution.steps=-1", "evolution.steps=-1: must be from 1 to 1,000,000"),
        ("evolution.step_size=nan", "evolution.step_size=nan: must be a finite number above 0 and at most 1e+15"),
        ("evolution.first_step=0", "evolution.first_step=0.0: must be above 0 and at most 1e+15"),
        ("data.std=[inf,1,1]", "data.std[0]=inf: must be a finite number above 0 and at most 1e+15"),
        ("data.std=[0.2,0.2,0]", "data.std[2]=0.0: must be above 0 and at most 1e+15"),
        ("data.mean=[0,nan,0]", "data.mean[1]=nan: must be a finite number from -1e+15 to 1e+15"),
        ("init.std=[0,1,1]", "init.std[0]=0.0: must be above 0 and at most 1e+15"),
        ("data.image_size=100000", "data.image_size=100000: must be from 1 to 4,096"),
        ("data.cache_gb=nan", "data.cache_gb=nan: must be a finite number from 0 to 1,000,000"),
        ("data.cache_gb=inf", "data.cache_gb=inf: must be a finite number from 0 to 1,000,000"),
        ("data.val_size=nan", "data.val_size=nan: must be a finite number from -1e+15 to 1e+15"),
        ("regularizer.operators.median.every=0", "regularizer.operators.median.every=0: must be from 1 to 1e+15"),
        ("+regularizer.operators.own={_target_: x.Y, every: 0}", "regularizer.operators.own.every=0: must be from 1"),
        ("+augmentation.mine={_target_: x.Y, size: 9000}", "augmentation.mine.size=9000: must be from 1 to 4,096"),
        ("robustness.rms=nan", "robustness.rms=nan: must be a finite number above 0 and at most 1e+15"),
        ("robustness.rms=0", "robustness.rms=0: must be above 0 and at most 1e+15"),
        ("optimizer.lr=nan", "optimizer.lr=nan: must be a finite number from 0 to 1e+15"),
        ("optimizer.lr=inf", "optimizer.lr=inf: must be a finite number from 0 to 1e+15"),
        ("optimizer.lr=-1", "optimizer.lr=-1: must be from 0 to 1e+15"),
        ("optimizer.betas=[0.9,nan]", "optimizer.betas[1]=nan: must be a finite number from -1e+15 to 1e+15"),
        ("measures.pictures=1", "measures.pictures=1: must be from 2 to 1,000,000"),
        ("measures.seeds=-1", "measures.seeds=-1: must be from 0 to 1,000"),
        ("trainer.max_epochs=nan", "trainer.max_epochs=nan: must be a whole number"),
        ("trainer.max_epochs=1e400", "trainer.max_epochs=inf: must be a whole number"),
        ("trainer.max_epochs=-2", "trainer.max_epochs=-2: must be from -1 to 1e+15"),
        ("trainer.max_steps=1.5", "trainer.max_steps=1.5: must be a whole number"),
        (
            "trainer.gradient_clip_val=inf",
            "trainer.gradient_clip_val=inf: must be a finite number from -1e+15 to 1e+15",
        ),
        ("seed=" + "9" * 400, "seed=99999999999999999999... (400 characters): must be from 0 to 4,294,967,295"),
        ("+logger.tracker.x=1e400", "logger.tracker.x=inf: must be a finite number from -1e+15 to 1e+15"),
    ],
)
def test_a_number_out_of_range_is_one_line(override, message):
    cfg = composed(override)
    with pytest.raises(UserError) as error:
        check_ranges(cfg)
    assert str(error.value).startswith(message)


def test_no_image_is_read_before_the_numbers_are_checked():
    with pytest.raises(UserError, match=r"measures\.pictures=0"):
        build_data(composed("data=folder", "data.root=/nowhere", "measures.pictures=0"))


@pytest.mark.parametrize("override", ["units=[0,-1]", "steps=0", "step_size=nan", "seed=-1"])
def test_the_gallery_has_the_same_ranges(override):
    with pytest.raises(UserError, match=r"must be"):
        check_ranges(composed(override, name="gallery"))


@pytest.mark.parametrize(
    "override", ["trainer.max_epochs=-1", "trainer.max_steps=-1", "trainer.limit_val_batches=0.5", "optimizer.lr=0"]
)
def test_lightnings_own_meanings_stay(override):
    check_ranges(composed(override))


def test_every_range_belongs_to_a_key():
    """A renamed key would leave its range without effect."""
    every = [
        "",
        *(f"{group}={path.stem}" for group in ("robustness", "regularizer") for path in (CONF / group).iterdir()),
    ]
    known = set()
    for choice in every:
        known |= set(keys_of(plain(composed(*filter(None, [choice])))))
    known |= set(keys_of(plain(composed(name="gallery"))))
    fixed = {name for name in RANGES if "*" not in name}
    assert fixed <= known


def test_text_that_is_not_utf8_is_one_line():
    cfg = composed()
    cfg.data.root = b"/pictures/\xff".decode("utf-8", "surrogateescape")
    with pytest.raises(UserError, match=r"^data\.root='/pictures/\\udcff': must be valid UTF-8$"):
        check_ranges(cfg)


def test_a_number_of_thousands_of_digits_is_a_mistake(capsys, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    assert run_hydra_command(lambda: composed("seed=" + "9" * 5000)) == 2
    assert re.fullmatch(r"Error: Exceeds the limit \(4300( digits)?\) .*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("regularizer.operators.median.every=1.5", "^regularizer.operators.median.every=1.5: must be a whole number$"),
        ("+regularizer.operators.x={_target_: featevo.visualize.Clip, every: 2.5}", "x.every=2.5: must be a whole"),
    ],
)
def test_fractions_of_steps_are_refused(override, message):
    with pytest.raises(UserError, match=message):
        built(composed(override))


def keys_of(node, key=""):
    for name, child in node.items():
        full = f"{key}.{name}".lstrip(".")
        yield full
        if isinstance(child, dict):
            yield from keys_of(child, full)


SMALL = ("debug=smoke", "logger=none", "trainer.accelerator=cpu", "trainer.enable_progress_bar=false")
KEYS = sorted(set(keys_of(plain(composed(*SMALL, "augmentation=standard")))))
NUMBERS = (
    *("nan", "inf", "-inf", "1e400", "-1e400", "1e308", "1e-320", "-0.5", "0.5", "1.5", "-1", "0", "1", "3"),
    *(str(2**31), str(2**63), str(10**16), "9" * 400, "9" * 5000),
)
VALUES = (
    *NUMBERS,
    "null",
    "true",
    "x",
    "''",
    "'???'",
    "[]",
    "{}",
    "[1,nan]",
    "[-1,0,0]",
    "{a: inf}",
    "{_target_: x.Y}",
)


def built(cfg):
    """All parts of a run, with data that costs no time."""
    check_ranges(cfg)
    images = torch.zeros(4, 3, 32, 32)
    data = SimpleNamespace(classes=("a", "b"), num_classes=2, num_channels=3, image_size=32)
    data.examples, data.labelled = lambda: images, lambda split, count: (images, torch.tensor([0, 1, 0, 1]))
    build(cfg.optimizer, "optimizer", params=[torch.zeros(2, requires_grad=True)])
    build_augmentation(cfg.augmentation, 3, 32)
    build(cfg.robustness or None, "robustness")
    evolution = build_evolution(cfg, data, "unused", torch.nn.Identity())  # type: ignore[arg-type]
    table = MetricsTable(CONF)
    build_trainer(cfg, CONF, table, build_callbacks(cfg, CONF, table, evolution))


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), min_size=1, max_size=2))
@settings(
    phases=(Phase.generate,),
    max_examples=int(os.environ.get("FUZZ", 25)),
    deadline=None,
    derandomize="FUZZ" not in os.environ,
    database=None,
)
def test_any_override_is_a_mistake_of_one_line_or_allowed(overrides):
    words = [f"{key}={value}" for key, value in overrides]
    # `run_hydra_command` sets the variable for its own process.
    with patch.dict(os.environ, HYDRA_FULL_ERROR="0"), redirect_stderr(StringIO()) as shown:
        code = run_hydra_command(lambda: built(composed(*SMALL, "augmentation=standard", *words)))
    lines = shown.getvalue().splitlines()
    assert (code, len(lines)) in ((0, 0), (2, 1)), shown.getvalue()


@given(st.floats() | st.integers())
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_any_number_is_refused_or_in_its_range(number):
    cfg = OmegaConf.create({"data": {"image_size": number, "mean": [number]}})
    try:
        check_ranges(cfg)
    except UserError:
        assert not (1 <= number <= 4096)
    else:
        assert math.isfinite(number)
        assert 1 <= number <= 4096
