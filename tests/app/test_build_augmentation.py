"""The augmentation from configuration: torchvision's transforms, one's own, and mistakes before training."""

import random
from contextlib import suppress

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from torchvision.transforms import v2

from featevo.app.build_augmentation import build_augmentation
from featevo.app.paths import CONF
from featevo.app.schemas import TrainConfig, register
from featevo.errors import UserError


def built(*overrides):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", ["data.image_size=32", *overrides])
    return build_augmentation(cfg.augmentation, 3, 32)


class Half:
    """A transform of a user."""

    def __call__(self, image):
        return image / 2


class Rarely:
    """Changes the shape of every fourth image, after it has drawn from every stream."""

    def __init__(self):
        self.calls = 0

    def __call__(self, image):
        torch.rand(1), np.random.rand(1), random.random()
        self.calls += 1
        return image[..., 1:] if self.calls % 4 == 0 else image


RARELY = f"+augmentation.mine={{_target_: {__name__}.Rarely}}"


def test_none_is_the_default_and_builds_nothing():
    assert built() is built("augmentation=none") is None
    older = OmegaConf.structured(TrainConfig).augmentation
    assert build_augmentation(older, 3, 32) is None


def test_standard_flips_and_crops_at_the_configured_size():
    found = built("augmentation=standard").transforms
    assert [type(transform) for transform in found.values()] == [v2.RandomHorizontalFlip, v2.RandomResizedCrop]
    assert (found["crop"].size, found["crop"].scale, found["flip"].p) == ((32, 32), [0.7, 1.0], 0.5)
    changed = built("augmentation=standard", "augmentation.flip.p=0.25", "augmentation.crop=null").transforms
    assert {name: transform.p for name, transform in changed.items()} == {"flip": 0.25}
    assert built("augmentation=standard", "augmentation.flip=null", "augmentation.crop=null") is None


def test_a_transform_of_ones_own():
    found = built(f"+augmentation.mine={{_target_: {__name__}.Half}}")
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(found(images), images / 2)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["+augmentation.mine=3"], r"augmentation\.mine=3: must be null, or name a class as _target_"),
        (["+augmentation.mine={p: 1}"], r"augmentation\.mine={'p': 1}: must be null, or name a class as _target_"),
        (["+augmentation._target_=builtins.dict"], r"augmentation\._target_=builtins\.dict: must be null, or name a"),
        (["+augmentation.mine={_target_: builtins.dict}"], r"augmentation\.mine: dict is no transform of an image$"),
        (["+augmentation.mine={_target_: builtins.dic}"], r"augmentation\.mine: .*builtins\.dic"),
        (
            ["+augmentation.mine={_target_: torch.nn.Linear, in_features: 5, out_features: 5}"],
            r"augmentation\.mine: fails for an image of shape \(3, 32, 32\): mat1 and mat2 shapes",
        ),
        (
            ["augmentation=standard", "augmentation.crop.size=16"],
            r"augmentation\.crop: must keep an image's shape and type, .* but returns float32 \(3, 16, 16",
        ),
        ([RARELY], r"augmentation\.mine: .* returns float32 \(3, 32, 31"),
        (["augmentation=standard", "augmentation.flip.p=2"], r"augmentation\.flip: `p` should be"),
        (
            ["augmentation=standard", "augmentation.flip.p=x"],
            r"augmentation\.flip\.p=x: must be a number, such as 0\.5",
        ),
        (["augmentation=standard", "augmentation.crop.scale=[0.5,nan]"], r"augmentation\.crop: fails for an image of"),
    ],
)
def test_a_mistake_is_one_line(overrides, message):
    with pytest.raises(UserError, match=f"^{message}") as error:
        built(*overrides)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("override", ["augmentation=standard", RARELY])
def test_trying_it_leaves_the_streams_of_training(override):
    def states():
        return torch.get_rng_state().tolist(), str(np.random.get_state()), random.getstate()

    before = states()
    with suppress(UserError):
        built(override)
    assert states() == before
