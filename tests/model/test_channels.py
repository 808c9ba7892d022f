"""Channels of data, normalisation and model have to agree: one line if they do not."""

from types import SimpleNamespace

import pytest
from hydra import compose, initialize_config_dir

from featevo.app.build import build_classifier
from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.errors import UserError
from tests.model.parts import small_vgg

GREY = ("data.channels=1", "data.mean=[0.5]", "data.std=[0.25]")


def built(channels, *overrides):
    """The classifier for data of so many channels, with only the attributes that building needs."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", list(overrides))
    data = SimpleNamespace(num_classes=3, num_channels=channels, image_size=32)
    return build_classifier(cfg, data)  # type: ignore[arg-type]


def test_the_model_follows_the_data():
    module = built(1, *GREY)
    assert module.net.features[0].weight.shape == (16, 1, 3, 3)
    assert module.report is not None
    assert module.report.total == sum(weight.numel() for weight in module.net.parameters())


def test_one_mean_serves_all_channels():
    assert built(3, "data.mean=[0.5]", "data.std=[0.25]").mean.shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("channels", "overrides", "message"),
    [
        (1, [], "data.channels=3: the images of this data have 1"),
        (1, ["data.channels=1"], "data.mean, data.std: 3 and 3 numbers for 1 channels; give one number each"),
        (3, ["data.mean=[0.5]"], "data.mean, data.std: 1 and 3 numbers for 3 channels; give 3 numbers each, or one"),
        (3, ["model.in_channels=1"], r"model.in_channels=1: the images have 3 channels \(data.channels\)"),
        (
            1,
            [*GREY, "init=pretrained"],
            "init=pretrained: these weights are for images of 3 channels, the data has 1; use",
        ),
        (1, [*GREY, "model=resnet18"], "model: this network takes images of 3 channels, the data has 1"),
        (3, ["model=vit", "model.image_size=64"], "data.image_size=32: this network cannot take images of 32 x 32"),
        (3, ["model=vit", "model.patch_size=7"], "model: .*indivisible by patch size"),
        (3, ["model=resnet18", "model._target_=tests.model.test_channels.fixed_network"], "logits of shape"),
        (
            3,
            ["model=vit", "model.image_size=32", "init=pretrained"],
            "init=pretrained: no pretrained weights are shipped for this model",
        ),
    ],
)
def test_a_contradiction_is_one_clear_line(channels, overrides, message):
    with pytest.raises(UserError, match=message) as error:
        built(channels, *overrides)
    assert "\n" not in str(error.value)


def fixed_network(num_classes, weights):
    """A network that ignores its arguments."""
    return small_vgg(7)
