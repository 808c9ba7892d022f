"""Objectives on inner layers against numpy in float64, on activations computed layer by layer."""

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import Channel, DeepDream, Direction, Neuron, maximize
from featevo.visualize.layers import Seen, watched

ROWS = torch.tensor([1, 0, 1])
UNITS = [5, 2]
WANTED = np.array(UNITS)[ROWS.numpy()]


@pytest.fixture
def net():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(6 * 6 * 7, 6))
    return layers.double()


@pytest.fixture
def pictures():
    return torch.rand(3, 3, 8, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def by_hand(net, pictures):
    """Activations of each layer as numpy arrays; the layers' own modules are called one by one, none in place."""
    with torch.no_grad():
        conv = net[0](pictures)
        relu = conv.clamp_min(0)
        return {"0": conv.numpy(), "1": relu.numpy(), "3": net[3](relu.flatten(1)).numpy()}


def look(net, pictures, objective, rows=ROWS):
    with watched(net, objective.layers) as layers, torch.no_grad():
        return objective(Seen(net(pictures), layers), rows).numpy()


@pytest.mark.parametrize("layer", ["0", "1", "3"])
def test_channel_is_the_mean_over_positions(net, pictures, by_hand, layer):
    expected = by_hand[layer].reshape(3, 6, -1).mean(2)[range(3), WANTED]
    assert np.allclose(look(net, pictures, Channel(layer, UNITS)), expected, rtol=1e-12)


@pytest.mark.parametrize(("position", "place"), [(None, (3, 3)), ((0, 0), (0, 0)), ((5, 6), (5, 6)), ((1, 4), (1, 4))])
def test_neuron_is_one_position_by_default_the_middle(net, pictures, by_hand, position, place):
    assert by_hand["0"].shape == (3, 6, 6, 7)
    expected = by_hand["0"][range(3), WANTED, place[0], place[1]]
    assert np.allclose(look(net, pictures, Neuron("0", UNITS, position)), expected, rtol=1e-12)


def test_neuron_of_a_layer_without_positions(net, pictures, by_hand):
    assert np.allclose(look(net, pictures, Neuron("3", UNITS)), by_hand["3"][range(3), WANTED], rtol=1e-12)


@pytest.mark.parametrize("position", [(6, 0), (0, 7), (-1, 0), (0, -1)])
def test_positions_outside_are_refused(net, pictures, position):
    with pytest.raises(ValueError, match=r"position=\(.*\): 0 has 6 x 7 positions"):
        look(net, pictures, Neuron("0", UNITS, position))


@pytest.mark.parametrize("shape", [(3, 6, 7), (3, 6, 4, 4, 4)])
def test_a_neuron_needs_rows_and_columns(shape):
    with pytest.raises(ValueError, match=r"tokens answers \(3, 6, .*\): a neuron needs rows and columns"):
        Neuron("tokens", UNITS)(Seen(None, {"tokens": torch.rand(shape)}), ROWS)


@pytest.mark.parametrize("layer", ["1", "3"])
@pytest.mark.parametrize("power", [0.0, 1.0, 2.5])
def test_direction_is_dot_product_times_cosine_to_a_power(net, pictures, by_hand, layer, power):
    vectors = np.random.default_rng(0).normal(size=(2, 6))
    features = by_hand[layer].reshape(3, 6, -1)
    wanted = vectors[ROWS.numpy()][:, :, None]
    dot = (features * wanted).sum(1)
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(wanted, axis=1)
    cosine = np.divide(dot, lengths, out=np.zeros_like(dot), where=lengths > 0)
    expected = (dot * np.maximum(0.1, cosine) ** power).mean(1)
    values = look(net, pictures, Direction(layer, torch.tensor(vectors), power))
    assert np.allclose(values, expected, rtol=1e-4)  # lengths have 1e-6 added
    if not power:
        assert np.allclose(values, expected, rtol=1e-12)


def test_a_direction_along_one_axis_is_its_channel(net, pictures):
    axes = torch.eye(6)[UNITS]
    assert np.allclose(look(net, pictures, Direction("0", axes)), look(net, pictures, Channel("0", UNITS)), rtol=1e-12)


def test_direction_has_a_finite_gradient_where_features_are_zero():
    features = torch.zeros(1, 6, 2, 2, requires_grad=True)
    value = Direction("x", torch.ones(1, 6), 2.0)(Seen(None, {"x": features}), torch.tensor([0]))
    (slope,) = torch.autograd.grad(value.sum(), features)
    assert torch.allclose(slope, torch.full_like(slope, 0.1**2 / 4))  # upwards, over four positions


@pytest.mark.parametrize("layer", ["0", "1", "3"])
def test_deepdream_is_the_mean_square(net, pictures, by_hand, layer):
    expected = np.square(by_hand[layer]).reshape(3, -1).mean(1)
    assert np.allclose(look(net, pictures, DeepDream(layer), torch.zeros(3, dtype=torch.int64)), expected, rtol=1e-12)
    assert DeepDream(layer).units == (0,)


@pytest.mark.parametrize("kind", [Channel, Neuron])
def test_channels_out_of_range_are_refused(net, pictures, kind):
    for units in ([], [-1]):
        with pytest.raises(ValueError, match=r"units=\[.*\]: name at least one channel index, counted from 0"):
            kind("0", units)
    for layer in ("0", "3"):
        with pytest.raises(ValueError, match=f"unit 6 does not exist: {layer} has channels 0 to 5"):
            look(net, pictures, kind(layer, [0, 6]))


def test_directions_of_another_shape_are_refused(net, pictures):
    for vectors in (torch.rand(6), torch.rand(0, 6)):
        with pytest.raises(ValueError, match=r"vectors of shape \(.*\): give \(directions, channels\)"):
            Direction("0", vectors)
    with pytest.raises(ValueError, match="vectors have 5 channels, 0 has 6"):
        look(net, pictures, Direction("0", torch.rand(2, 5)))


@pytest.mark.parametrize(
    "objective",
    [Channel("0", [3]), Neuron("0", [3], (2, 2)), Direction("0", torch.ones(1, 6), 1.0), DeepDream("0")],
    ids=repr,
)
def test_each_can_be_climbed(net, objective):
    (render,) = maximize(net, objective, image_size=(8, 9), steps=8)
    assert render.value > render.trace[0]
    assert render.logit is None
    assert render.unit == objective.units[0]
