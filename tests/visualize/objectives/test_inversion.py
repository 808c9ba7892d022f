"""Inversion and caricature against numpy in float64, and inversion as an ascent."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import Caricature, FeatureMatch, Regularizer, maximize
from featevo.visualize.layers import Seen, watched

ROWS = torch.tensor([1, 0, 1])
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 4, 3, stride=2)).double()


def some(count, seed, dtype=torch.float64):
    return torch.rand(count, 3, 8, 8, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def look(net, images, objective, rows=ROWS):
    mean, std = (images.new_tensor(values).view(1, -1, 1, 1) for values in (MEAN, STD))
    with watched(net, objective.layers) as layers, torch.no_grad():
        return objective(Seen(net((images - mean) / std), layers), rows).numpy()


def by_hand(net, images):
    images = (images.numpy() - np.array(MEAN)[:, None, None]) / np.array(STD)[:, None, None]
    with torch.no_grad():
        return net[2](net[0](torch.tensor(images)).clamp_min(0)).flatten(1).numpy()


def test_match_is_minus_the_relative_square_distance(net):
    targets, images = some(2, 1), some(3, 2)
    wanted, features = by_hand(net, targets)[ROWS.numpy()], by_hand(net, images)
    expected = -np.square(features - wanted).sum(1) / np.square(wanted).sum(1)
    values = look(net, images, FeatureMatch.of(net, "2", targets, MEAN, STD))
    assert np.allclose(values, expected, rtol=1e-10)
    assert (values < -0.01).all()


def test_an_image_matches_itself(net):
    targets = some(2, 1)
    match = FeatureMatch.of(net, "0", targets, MEAN, STD)
    assert match.units == (0, 1)
    assert not match.targets.requires_grad
    assert (abs(look(net, targets, match, torch.tensor([0, 1]))) < 1e-20).all()  # 0 up to rounding


def test_of_normalises_as_maximize_does(net):
    """A start that equals the target has the value 0 before the first step, for any data type of the images."""
    for dtype in (torch.float32, torch.float64):
        targets = some(2, 1, torch.float32).to(dtype)
        match = FeatureMatch.of(net, "2", targets, MEAN, STD)
        for render in maximize(net, match, image_size=8, mean=MEAN, std=STD, start=targets, steps=1):
            assert render.trace[0] == 0


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_caricature_is_length_along_the_target_times_cosine_to_a_power(net, power):
    targets, images = some(2, 1), some(3, 2)
    wanted, features = by_hand(net, targets)[ROWS.numpy()], by_hand(net, images)
    along = (features * wanted).sum(1) / np.linalg.norm(wanted, axis=1)
    cosine = along / np.linalg.norm(features, axis=1)
    assert (cosine > 0.1).all()
    objective = Caricature.of(net, "2", targets, MEAN, STD)
    assert objective.cosine_power == 1
    values = look(net, images, Caricature("2", objective.targets, power))
    assert np.allclose(values, along * cosine**power, rtol=1e-10)
    assert repr(Caricature("2", objective.targets, power)) == f"Caricature(2, cosine_power={power:g})"


def test_the_cosine_of_opposite_features_counts_as_a_tenth(net):
    objective = Caricature.of(net, "2", some(2, 1), MEAN, STD)
    opposite = Seen(None, {"2": -objective.targets})
    expected = -0.1 * objective.targets.flatten(1).norm(dim=1)
    assert torch.allclose(objective(opposite, torch.tensor([0, 1])), expected, rtol=1e-12)


def test_inversion_finds_features_again(net):
    match = FeatureMatch.of(net, "2", some(2, 1), MEAN, STD)
    settings: dict[str, Any] = {
        "image_size": 8,
        "mean": MEAN,
        "std": STD,
        "regularizer": Regularizer(),
        "step_size": 0.01,
    }
    for render in maximize(net, match, steps=60, **settings):
        assert render.trace[0] < -0.2
        assert render.value > render.trace[0] / 10


def test_removes_hooks_and_restores_modes(net):
    FeatureMatch.of(net.train(), "0", some(1, 1))
    with pytest.raises(RuntimeError):
        FeatureMatch.of(net, "0", some(1, 1)[:, :2])
    assert net.training
    assert all(module.training and not module._forward_hooks for module in net)
    assert all(parameter.requires_grad for parameter in net.parameters())


@pytest.mark.parametrize("kind", [FeatureMatch, Caricature])
def test_targets_of_another_shape_are_refused(net, kind):
    message = r"targets of shape \(6, 5, 5\): 0 returns \(6, 6, 6\) at this image size"
    with pytest.raises(ValueError, match=message):
        look(net, some(3, 1), kind("0", torch.rand(2, 6, 5, 5)))


def test_a_wrong_mean_is_named(net):
    wrong: Any = 0.5
    with pytest.raises(ValueError, match=r"mean=0.5: must be a list of numbers, such as \[0.5\]"):
        FeatureMatch.of(net, "0", torch.rand(1, 3, 8, 8), mean=wrong)
