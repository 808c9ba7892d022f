"""Receptive fields against kernels, strides and paddings followed by hand, and against changed pixels."""

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer

from featevo.visualize.layers import watched
from featevo.visualize.receptive import ReceptiveField, receptive_fields

STACKS = {
    "plain": nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 3, 3, padding=1)),
    "strides": nn.Sequential(nn.Conv2d(1, 3, 5, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 3, 3, 2, 2)),
    "dilation": nn.Sequential(nn.Conv2d(1, 3, 3, dilation=3, padding=3), nn.BatchNorm2d(3), nn.AvgPool2d(3, 1, 1)),
    "no overlap": nn.Sequential(nn.Conv2d(1, 3, 1, 3), nn.Conv2d(3, 3, 1)),
    "unequal": nn.Sequential(nn.Conv2d(1, 3, (1, 5), (1, 2), (0, 2)), nn.Conv2d(3, 3, (3, 1), (2, 1))),
}


def numbers(layer, axis):
    """Kernel, stride, padding and dilation of a layer along rows or columns; None for layers without them."""
    if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        found = (layer.kernel_size, layer.stride, layer.padding, getattr(layer, "dilation", 1))
        return [value if isinstance(value, int) else value[axis] for value in found]
    return None


def by_hand(stack, axis, size):
    """Of each position the first and the last pixel, by following every weight of a kernel back to the image."""
    sizes, layers = [size], [found for layer in stack if (found := numbers(layer, axis))]
    for kernel, stride, padding, dilation in layers:
        sizes.append((sizes[-1] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)
    ends = []
    for position in range(sizes[-1]):
        reached = {position}
        for (kernel, stride, padding, dilation), below in zip(layers[::-1], sizes[-2::-1], strict=True):
            taps = {each * stride - padding + dilation * tap for each in reached for tap in range(kernel)}
            reached = taps & set(range(below))
        ends.append([min(reached), max(reached)])
    return ends


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
@pytest.mark.parametrize("shape", [(1, 24, 24), (1, 20, 27)])
def test_fields_follow_from_kernels_strides_and_paddings(stack, shape):
    (field,) = receptive_fields(stack, {str(len(stack) - 1): [2]}, shape)[str(len(stack) - 1)]
    assert field is not None
    assert field.rows.tolist() == by_hand(stack, 0, shape[1])
    assert field.columns.tolist() == by_hand(stack, 1, shape[2])


def by_formula(stack, axis):
    """Size of the field, distance of neighbours and start for position 0, far from the border."""
    size, jump, start = 1, 1, 0
    for kernel, stride, padding, dilation in (found for layer in stack if (found := numbers(layer, axis))):
        start -= jump * padding
        size += jump * dilation * (kernel - 1)
        jump *= stride
    return size, jump, start


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_windows_have_one_size_and_begin_where_the_formula_says(stack):
    layer = str(len(stack) - 1)
    (field,) = receptive_fields(stack, {layer: [0]}, (1, 24, 24))[layer]
    assert field is not None
    (high, jump_y, top), (wide, jump_x, left) = (by_formula(stack, axis) for axis in (0, 1))
    for row in range(len(field.rows)):
        for column in range(len(field.columns)):
            assert field.window(row, column) == (top + jump_y * row, left + jump_x * column, high, wide)
    assert not field.is_whole


class Blocks(nn.Module):
    """Skip connections, joined branches, and a gate that sees the whole image."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.near, self.far = nn.Conv2d(4, 2, 1), nn.Conv2d(4, 2, 5, padding=2)
        self.join, self.gate = nn.Identity(), nn.Identity()

    def forward(self, images):
        maps = torch.relu(self.first(images))
        maps = nn.functional.max_pool2d(maps + torch.relu(self.second(maps)), 2)
        joined = self.join(torch.cat([self.near(maps), self.far(maps)], 1))
        return self.gate(joined * joined.mean((2, 3), keepdim=True).sigmoid()).flatten(1)


@pytest.mark.parametrize("channel", [0, 3])
def test_only_pixels_within_a_window_change_the_activation(channel):
    """With positive weights every pixel of a field that becomes much brighter changes it."""
    torch.manual_seed(0)
    net = Blocks().double()
    for parameter in net.parameters():
        parameter.data.abs_()
    (field,) = receptive_fields(net, {"join": [channel]}, (2, 28, 30))["join"]
    assert field is not None
    image = torch.rand(1, 2, 28, 30, dtype=torch.float64)
    for row, column in [(0, 0), (6, 7), (13, 14), (3, 13)]:
        top, left, height, width = field.window(row, column)
        assert (height, width) == ((6, 6) if channel == 0 else (14, 14))
        found = torch.zeros(28, 30, dtype=torch.bool)
        before = activation(net, image, channel, row, column)
        for y in range(28):
            for x in range(30):
                changed = image.clone()
                changed[0, 1, y, x] += 100
                found[y, x] = activation(net, changed, channel, row, column) != before
        expected = torch.zeros(28, 30, dtype=torch.bool)
        expected[max(top, 0) : top + height, max(left, 0) : left + width] = True
        assert torch.equal(found, expected)


def activation(net, image, channel, row, column):
    with torch.no_grad(), watched(net, ["join"]) as outputs:
        net(image)
    return outputs["join"][0, channel, row, column]


def test_channels_of_one_layer_may_have_different_fields():
    near, far = receptive_fields(Blocks(), {"join": [1, 2]}, (2, 28, 30))["join"]
    assert near is not None
    assert far is not None
    assert (near.window(6, 6)[2:], far.window(6, 6)[2:]) == ((6, 6), (14, 14))


def test_weights_of_zero_hide_nothing():
    net = Blocks()
    for parameter in net.parameters():
        parameter.data.zero_()
    (field,) = receptive_fields(net, {"join": [3]}, (2, 28, 30))["join"]
    assert field is not None
    assert field.window(6, 6)[2:] == (14, 14)


def test_a_gate_and_attention_see_the_whole_image_and_tokens_have_no_field():
    (gated,) = receptive_fields(Blocks(), {"gate": [0]}, (2, 28, 30))["gate"]
    assert gated is not None
    assert gated.is_whole
    assert gated.window(3, 5) == (0, 0, 28, 30)
    net = VisionTransformer(16, 4, 1, 2, 8, 16, num_classes=4)
    found = receptive_fields(net, {"mlp.0": [3], "conv_proj": [1], "head": [0]}, (3, 16, 16))
    assert (found["mlp.0"], found["head"]) == ([None], [None])
    (patch,) = found["conv_proj"]
    assert patch is not None
    assert patch.window(2, 3) == (8, 12, 4, 4)


class Constant(nn.Module):
    """A channel that no pixel reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.map = nn.Identity()

    def forward(self, images):
        return self.map(torch.ones(len(images), 2, 3, 3))


def test_what_depends_on_no_pixel_counts_as_whole():
    (field,) = receptive_fields(Constant(), {"map": [1]}, (1, 6, 7))["map"]
    assert field is not None
    assert field.window(0, 0) == (0, 0, 6, 7)


def test_the_network_stays_as_it_is():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(inplace=True)).train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    cudnn = torch.backends.cudnn
    flags, stream = (cudnn.enabled, cudnn.benchmark, cudnn.deterministic), torch.get_rng_state()
    receptive_fields(net, {"1": [0]}, (1, 9, 9))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(module.training and not module._forward_hooks for module in net.modules())
    assert flags == (cudnn.enabled, cudnn.benchmark, cudnn.deterministic)
    assert torch.equal(stream, torch.get_rng_state())


def test_a_field_is_whole_only_if_both_sides_are():
    ends = {size: torch.tensor([[0, size - 1]]) for size in (4, 5)}
    assert ReceptiveField(ends[5], ends[5], (5, 5)).is_whole
    assert not ReceptiveField(ends[5], ends[4], (5, 5)).is_whole
