"""Layers by name, and their outputs against the layers called by hand."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet18, vgg16, vgg16_bn

from featevo.model.vgg import vgg
from featevo.visualize import layer_names
from featevo.visualize.layers import Seen, find_layer, watched

BLOCKS = {1: [0, 2], 2: [5, 7], 3: [10, 12, 14], 4: [17, 19, 21], 5: [24, 26, 28]}
"""Places of VGG-16's convolutions in `features` by block (Simonyan and Zisserman 2015, Table 1, column D)."""


class Branches(nn.Module):
    """A layer that returns a tuple, one that is never called, and one that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.unused = nn.Conv2d(3, 4, 3)
        self.twice = nn.Conv2d(3, 3, 1)
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))

    def forward(self, images):
        first, second = self.pair(images)
        return self.body(self.twice(self.twice(first + second)))


class Pair(nn.Module):
    def forward(self, images):
        return images, images


def hooks(model):
    return sum(len(module._forward_hooks) for module in model.modules())


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Branches().double()


@pytest.fixture
def images():
    return torch.rand(2, 3, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def on_meta(build):
    with torch.device("meta"):
        return build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: vgg16(weights=None, init_weights=False),
        lambda: vgg(4, width=0.1, hidden=8, pool=1),
        lambda: vgg(4, width=0.1, hidden=8, pool=1).features,
        lambda: nn.ModuleDict({"inner": vgg(4, width=0.1, hidden=8, pool=1)}),
    ],
)
def test_names_of_vgg16_in_the_literature(build):
    net = on_meta(build)
    names = layer_names(net)
    stack = next(m for m in net.modules() if isinstance(m, nn.Sequential) and isinstance(m[0], nn.Conv2d))
    for block, places in BLOCKS.items():
        for number, place in enumerate(places, 1):
            assert names[f"conv{block}_{number}"] is stack[place]
            assert names[f"relu{block}_{number}"] is stack[place + 1]
        assert f"conv{block}_{len(places) + 1}" not in names
        assert names[f"pool{block}"] is stack[places[-1] + 2]
    assert "conv6_1" not in names
    assert "pool6" not in names


def test_batch_norm_shifts_no_literature_name():
    net = on_meta(lambda: vgg16_bn(weights=None, init_weights=False))
    assert layer_names(net)["conv4_3"] is net.features[30]
    assert layer_names(net)["relu4_3"] is net.features[32]


def test_a_resnet_has_no_literature_names():
    net = on_meta(lambda: resnet18(weights=None))
    names = layer_names(net)
    assert not [name for name in names if name.startswith(("conv", "relu", "pool")) and "_" in name]
    assert {name for name, _ in net.named_modules() if name} <= set(names)


def test_two_stacks_have_no_literature_names():
    stack = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2))
    assert "conv1_1" in layer_names(nn.ModuleList([stack]))
    assert "conv1_1" not in layer_names(nn.ModuleList([stack, nn.Sequential(nn.Conv2d(3, 4, 3), nn.AvgPool2d(2))]))


def test_unique_endings_are_names_of_layers():
    net = nn.ModuleDict(
        {
            "one": nn.ModuleDict({"head": nn.Linear(1, 1), "same": nn.Linear(1, 1)}),
            "two": nn.ModuleDict({"tail": nn.ModuleDict({"last": nn.ReLU()}), "same": nn.Linear(1, 1)}),
            "head": nn.Linear(1, 1),
        }
    )
    names = layer_names(net)
    assert names["last"] is names["tail.last"] is names["two.tail.last"] is net.get_submodule("two.tail.last")
    assert names["head"] is net.get_submodule("head")  # its own name goes before the ending of another
    assert names["one.head"] is net.get_submodule("one.head")
    assert "same" not in names
    assert "" not in names


def test_an_unknown_layer_gives_an_error_with_the_nearest_names():
    net = on_meta(lambda: vgg(4, width=0.1, hidden=8, pool=1))
    with pytest.raises(ValueError, match=r"layer='conv4_4' does not exist in VGG; near it: .*conv4_3"):
        find_layer(net, "conv4_4")
    with pytest.raises(ValueError, match=r"layer='features\.99' does not exist in VGG; near it: .*features\.9"):
        find_layer(net, "features.99")
    with pytest.raises(ValueError, match="does not exist in ReLU; near it: nothing"):
        find_layer(nn.ReLU(), "conv")


def test_keeps_a_convolution_that_the_next_layer_overwrites(net, images):
    with watched(net, ["body.0", "body.1", "twice"]) as outputs:
        output = net(images)
    mixed = nn.functional.conv2d(2 * images, net.twice.weight, net.twice.bias)
    mixed = nn.functional.conv2d(mixed, net.twice.weight, net.twice.bias)
    expected = nn.functional.conv2d(mixed, net.body[0].weight, net.body[0].bias)
    assert (expected < 0).any()
    assert torch.equal(outputs["body.0"], expected)
    assert torch.equal(outputs["body.1"], expected.clamp_min(0))
    assert torch.equal(output, expected.clamp_min(0))
    assert torch.equal(outputs["twice"], mixed)  # of two calls the last


def test_the_kept_output_has_a_gradient_to_the_image(net, images):
    images.requires_grad_(True)
    with watched(net, ["body.0"]) as outputs:
        net(images)
    (kept,) = torch.autograd.grad(outputs["body.0"].square().sum(), images)
    (by_hand,) = torch.autograd.grad(net.body[0](net.twice(net.twice(2 * images))).square().sum(), images)
    assert torch.allclose(kept, by_hand, rtol=1e-12)


def test_unhooks_after_success_and_after_each_kind_of_error(net, images):
    with watched(net, ["body.0", "unused"]):
        assert hooks(net) >= 2
    assert hooks(net) == 0
    with pytest.raises(ValueError, match="does not exist"), watched(net, ["body.0", "nowhere"]):
        pass
    assert hooks(net) == 0
    with pytest.raises(RuntimeError), watched(net, ["body.0"]):
        net(images[:, :2])
    assert hooks(net) == 0
    with pytest.raises(ValueError, match="layer='pair' returns a tuple, not a tensor"), watched(net, ["pair"]):
        net(images)
    assert hooks(net) == 0


def test_a_layer_that_is_not_reached_is_named(net, images):
    with watched(net, ["unused"]) as outputs:
        seen = Seen(net(images), outputs)
    with pytest.raises(ValueError, match="layer='unused': the model's forward pass does not use it"):
        seen["unused"]
