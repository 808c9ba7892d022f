"""Objectives on inner layers against numpy in float64, on activations computed layer by layer."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import SwinTransformer, VisionTransformer

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
def images():
    return torch.rand(3, 3, 8, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def by_hand(net, images):
    """Activations of each layer as numpy arrays; the layers' own modules are called one by one, none in place."""
    with torch.no_grad():
        conv = net[0](images)
        relu = conv.clamp_min(0)
        return {"0": conv.numpy(), "1": relu.numpy(), "3": net[3](relu.flatten(1)).numpy()}


def look(net, images, objective, rows=ROWS):
    with watched(net, objective.layers) as layers, torch.no_grad():
        return objective(Seen(net(images), layers), rows).numpy()


@pytest.mark.parametrize("layer", ["0", "1", "3"])
def test_channel_is_the_mean_over_positions(net, images, by_hand, layer):
    expected = by_hand[layer].reshape(3, 6, -1).mean(2)[range(3), WANTED]
    assert np.allclose(look(net, images, Channel(layer, UNITS)), expected, rtol=1e-12)


@pytest.mark.parametrize(("position", "place"), [(None, (3, 3)), ((0, 0), (0, 0)), ((5, 6), (5, 6)), ((1, 4), (1, 4))])
def test_neuron_is_one_position_by_default_the_middle(net, images, by_hand, position, place):
    assert by_hand["0"].shape == (3, 6, 6, 7)
    expected = by_hand["0"][range(3), WANTED, place[0], place[1]]
    assert np.allclose(look(net, images, Neuron("0", UNITS, position)), expected, rtol=1e-12)


def test_neuron_of_a_layer_without_positions(net, images, by_hand):
    assert np.allclose(look(net, images, Neuron("3", UNITS)), by_hand["3"][range(3), WANTED], rtol=1e-12)


@pytest.mark.parametrize("position", [(6, 0), (0, 7), (-1, 0), (0, -1)])
def test_positions_outside_are_refused(net, images, position):
    with pytest.raises(ValueError, match=r"position=\(.*\): 0 has 6 x 7 positions"):
        look(net, images, Neuron("0", UNITS, position))


def test_a_neuron_needs_rows_and_columns():
    with pytest.raises(ValueError, match=r"deep returns \(3, 6, 4, 4, 4\): a neuron needs rows and columns"):
        Neuron("deep", UNITS)(Seen(None, {"deep": torch.rand(3, 6, 4, 4, 4)}), ROWS)


@pytest.mark.parametrize("layer", ["1", "3"])
@pytest.mark.parametrize("power", [0.0, 1.0, 2.5])
def test_direction_is_dot_product_times_cosine_to_a_power(net, images, by_hand, layer, power):
    vectors = np.random.default_rng(0).normal(size=(2, 6))
    features = by_hand[layer].reshape(3, 6, -1)
    wanted = vectors[ROWS.numpy()][:, :, None]
    dot = (features * wanted).sum(1)
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(wanted, axis=1)
    cosine = np.divide(dot, lengths, out=np.zeros_like(dot), where=lengths > 0)
    expected = (dot * np.maximum(0.1, cosine) ** power).mean(1)
    values = look(net, images, Direction(layer, torch.tensor(vectors), power))
    assert np.allclose(values, expected, rtol=1e-4)  # lengths have 1e-6 added
    if not power:
        assert np.allclose(values, expected, rtol=1e-12)


def test_a_direction_along_one_axis_is_its_channel(net, images):
    axes = torch.eye(6)[UNITS]
    assert np.allclose(look(net, images, Direction("0", axes)), look(net, images, Channel("0", UNITS)), rtol=1e-12)


def test_direction_has_a_finite_gradient_where_features_are_zero():
    features = torch.zeros(1, 6, 2, 2, requires_grad=True)
    value = Direction("x", torch.ones(1, 6), 2.0)(Seen(None, {"x": features}), torch.tensor([0]))
    (slope,) = torch.autograd.grad(value.sum(), features)
    assert torch.allclose(slope, torch.full_like(slope, 0.1**2 / 4))  # upwards, over four positions


@pytest.mark.parametrize("layer", ["0", "1", "3"])
def test_deepdream_is_the_mean_square(net, images, by_hand, layer):
    expected = np.square(by_hand[layer]).reshape(3, -1).mean(1)
    assert np.allclose(look(net, images, DeepDream(layer), torch.zeros(3, dtype=torch.int64)), expected, rtol=1e-12)
    assert DeepDream(layer).units == (0,)


@pytest.mark.parametrize("kind", [Channel, Neuron])
def test_channels_out_of_range_are_refused(net, images, kind):
    for units in ([], [-1]):
        with pytest.raises(ValueError, match=r"units=\[.*\]: name at least one channel index, counted from 0"):
            kind("0", units)
    for layer in ("0", "3"):
        with pytest.raises(ValueError, match=f"unit 6 does not exist: {layer} has channels 0 to 5"):
            look(net, images, kind(layer, [0, 6]))


def test_directions_of_another_shape_are_refused(net, images):
    for vectors in (torch.rand(6), torch.rand(0, 6)):
        with pytest.raises(ValueError, match=r"vectors of shape \(.*\): give \(directions, channels\)"):
            Direction("0", vectors)
    with pytest.raises(ValueError, match="vectors have 5 channels, 0 has 6"):
        look(net, images, Direction("0", torch.rand(2, 5)))


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


@pytest.fixture
def vit():
    """Images of 16 x 16 in patches of 4: 16 tokens and the class token, 48 wide, as torchvision builds it."""
    torch.manual_seed(0)
    net = VisionTransformer(16, 4, num_layers=2, num_heads=4, hidden_dim=48, mlp_dim=96, num_classes=5)
    nn.init.normal_(net.heads.head.weight)
    return net.double().eval()


def tokens(vit, images):
    """Outputs of the layers (B, 17, 48), computed from their parameters by the residual sums of He et al."""

    def block(layer, shown):
        attention, norm = layer.self_attention, layer.ln_1(shown)
        query, key, value = (
            part.unflatten(2, (4, 12)).transpose(1, 2)
            for part in (norm @ attention.in_proj_weight.T + attention.in_proj_bias).chunk(3, 2)
        )
        weights = (query @ key.transpose(2, 3) / 12**0.5).softmax(3)
        shown = shown + attention.out_proj((weights @ value).transpose(1, 2).flatten(2))
        hidden = nn.functional.gelu(layer.mlp[0](layer.ln_2(shown)))
        return shown + layer.mlp[3](hidden), hidden

    with torch.no_grad():
        patches = nn.functional.unfold(images, 4, stride=4).transpose(1, 2)
        patches = patches @ vit.conv_proj.weight.flatten(1).T + vit.conv_proj.bias
        start = torch.cat([vit.class_token.expand(len(images), 1, 48), patches], 1) + vit.encoder.pos_embedding
        first, hidden = block(vit.encoder.layers[0], start)
        second, _ = block(vit.encoder.layers[1], first)
    return {
        "encoder.dropout": start,
        "encoder.layers.encoder_layer_0": first,
        "encoder.layers.encoder_layer_0.mlp.1": hidden,
        "encoder.layers.encoder_layer_1": second,
        "encoder.layers": second,
        "encoder.ln": vit.encoder.ln(second).detach(),
        "encoder": vit.encoder.ln(second).detach(),
    }


BLOCK = "encoder.layers.encoder_layer_0"


def test_the_units_of_a_transformer_are_its_width_not_its_tokens(vit):
    shown = torch.rand(3, 3, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    units, rows = [5, 40], torch.tensor([1, 0, 1])
    for layer, output in tokens(vit, shown).items():
        assert output.shape == (3, 17, 96 if "mlp" in layer else 48)
        wanted = output.numpy()[range(3), :, np.array(units)[rows.numpy()]]
        assert np.allclose(look(vit, shown, Channel(layer, units), rows), wanted.mean(1), rtol=1e-9), layer
        for position in (None, 0, 16):
            place = 8 if position is None else position
            found = look(vit, shown, Neuron(layer, units, position), rows)
            assert np.allclose(found, wanted[:, place], rtol=1e-9), layer
        axes = torch.eye(output.shape[2])[units]
        assert np.allclose(look(vit, shown, Direction(layer, axes), rows), wanted.mean(1), rtol=1e-9), layer


def test_errors_of_a_transformer_are_one_line(vit):
    shown = torch.rand(3, 3, 16, 16, dtype=torch.float64)
    tuples = f"{BLOCK}.self_attention"
    for objective, message in (
        (Channel(BLOCK, [0, 48]), f"unit 48 does not exist: {BLOCK} has channels 0 to 47"),
        (Neuron(BLOCK, UNITS, (3, 2)), rf"position=\(3, 2\): {BLOCK} has 17 tokens; give one index 0 to 16"),
        (Neuron(BLOCK, UNITS, 17), f"position=17: {BLOCK} has 17 tokens; give one index 0 to 16"),
        (Neuron(BLOCK, UNITS, -1), f"position=-1: {BLOCK} has 17 tokens; give one index 0 to 16"),
        (Neuron("conv_proj", UNITS, 3), "position=3: conv_proj has 4 x 4 positions"),
        (Direction(BLOCK, torch.rand(2, 17)), f"vectors have 17 channels, {BLOCK} has 48"),
        (Channel(tuples, UNITS), f"layer='{tuples}' returns a tuple, not a tensor; name a layer inside or around it"),
    ):
        with pytest.raises(ValueError, match=message):
            look(vit, shown, objective)


def test_a_network_of_one_dimension_keeps_its_channels():
    torch.manual_seed(0)
    convolution, norm = nn.Conv1d(3, 6, 3), nn.BatchNorm1d(6)
    net = nn.Sequential(nn.Flatten(2), convolution, norm, nn.ReLU(), nn.MaxPool1d(2)).double().eval()
    shown = torch.rand(3, 3, 4, 4, dtype=torch.float64)
    with torch.no_grad():
        output = nn.functional.max_pool1d(norm(convolution(shown.flatten(2))).clamp_min(0), 2).numpy()
    assert output.shape == (3, 6, 7)
    assert np.allclose(look(net, shown, Channel("4", UNITS)), output[range(3), WANTED].mean(1), rtol=1e-9)
    assert np.allclose(look(net, shown, Neuron("4", UNITS, 6)), output[range(3), WANTED, 6], rtol=1e-9)
    with pytest.raises(ValueError, match="position=7: 4 has 7 positions; give one index 0 to 6"):
        look(net, shown, Neuron("4", UNITS, 7))


class Last(nn.Module):
    """A block as ConvNeXt's: channels last within, first outside, or as Swin's last on both sides."""

    def __init__(self, channels: int, returns: bool) -> None:
        super().__init__()
        self.norm, self.linear, self.returns = nn.LayerNorm(channels), nn.Linear(channels, channels), returns

    def forward(self, maps):
        output = self.linear(self.norm(maps.permute(0, 2, 3, 1)))
        return output.permute(0, 3, 1, 2) if self.returns else output


@pytest.mark.parametrize("returns", [True, False])
@pytest.mark.parametrize("size", [(12, 9), (8, 11), (12, 8)])
def test_maps_with_channels_last(size, returns):
    """Also where there are as many rows or columns as channels, when the shape is not ambiguous."""
    torch.manual_seed(0)
    convolution, block = nn.Conv2d(3, 6, 3), Last(6, returns)
    net = nn.Sequential(convolution, block, nn.Identity()).double()
    shown = torch.rand(3, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        first = convolution(shown)
        norm = block.norm(first.permute(0, 2, 3, 1))
        outputs = {"0": first.permute(0, 2, 3, 1), "1.norm": norm, "1.linear": block.linear(norm)}
    doubtful = 6 in ((size[1] - 2,) if returns else (size[0] - 2,))
    if not doubtful:
        outputs |= {"1": outputs["1.linear"], "2": outputs["1.linear"]}
    for layer, output in outputs.items():
        wanted = output.numpy()[range(3), ..., WANTED]
        assert wanted.shape == (3, size[0] - 2, size[1] - 2)
        assert np.allclose(look(net, shown, Channel(layer, UNITS)), wanted.mean((1, 2)), rtol=1e-9), layer
        assert np.allclose(look(net, shown, Neuron(layer, UNITS, (4, 1))), wanted[:, 4, 1], rtol=1e-9), layer
    if doubtful:
        with pytest.raises(ValueError, match=r"layer='1' returns .*: the axis of its channels is ambiguous"):
            look(net, shown, Channel("1", UNITS))


@pytest.mark.parametrize(
    ("layer", "channels"),
    [("features.0.0", 12), ("features.0.1", 12), ("features.0", 12), ("features.1.1.mlp", 12), ("features.1", 12),
     ("features.2", 24), ("features.3.0", 24), ("norm", 24), ("permute", 24), ("avgpool", 24)],
)  # fmt: skip
def test_units_of_a_swin_transformer(layer, channels):
    """Channels come first, then last, then first again before the pooling."""
    torch.manual_seed(0)
    net = SwinTransformer([4, 4], 12, [2, 2], [2, 2], [3, 3], num_classes=4).eval()
    shown = torch.rand(2, 3, 40, 56)
    assert look(net, shown, Channel(layer, [channels - 1]), torch.tensor([0, 0])).shape == (2,)
    with pytest.raises(ValueError, match=f"unit {channels} does not exist: {layer} has channels 0 to {channels - 1}"):
        look(net, shown, Channel(layer, [channels]), torch.tensor([0, 0]))


def test_a_block_that_joins_convolutions_keeps_its_channels():
    """Also where the last of them has as many channels as the maps are wide."""
    torch.manual_seed(0)
    net = nn.Sequential(Joins()).double()
    shown = torch.rand(3, 3, 8, 6, dtype=torch.float64)
    with torch.no_grad():
        output = net(shown).numpy()
    assert output.shape == (3, 10, 8, 6)
    found = look(net, shown, Channel("0", [9]), torch.tensor([0, 0, 0]))
    assert np.allclose(found, output[:, 9].mean((1, 2)), rtol=1e-9)


class Joins(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 6, 1)

    def forward(self, images):
        return torch.cat([self.one(images), self.other(images)], 1)


def test_ambiguous_channels_are_refused():
    """As many rows and columns as channels behind a linear layer, tokens of an unknown module, tokens before images."""
    torch.manual_seed(0)
    shown = torch.rand(3, 3, 8, 8)
    cases = (
        (nn.Sequential(nn.Conv2d(3, 6, 3), Last(6, True)), "1", r"layer='1' returns \(3, 6, 6, 6\): the axis of its"),
        (nn.Sequential(nn.Flatten(2)), "0", r"layer='0' returns \(3, 3, 64\): the axis of its channels"),
        (Turned(), "linear", r"linear returns \(64, 3, 6\) for 3 images: its first axis is not that of the images"),
    )
    for net, layer, message in cases:
        with pytest.raises(ValueError, match=message):
            look(net, shown, Channel(layer, [0]), torch.tensor([0, 0, 0]))


class Turned(nn.Module):
    """Tokens first, as `nn.TransformerEncoder` has them by default."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 6)

    def forward(self, images):
        return self.linear(images.flatten(2).permute(2, 0, 1))


def test_a_transformers_unit_can_be_climbed(vit):
    for objective in (Channel(BLOCK, [47]), Neuron(BLOCK, [47], 3), Direction(BLOCK, torch.ones(1, 48))):
        (render,) = maximize(vit, objective, image_size=16, steps=8)
        assert render.value > render.trace[0]
