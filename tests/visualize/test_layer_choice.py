"""Layers spread through networks of any kind, and the names under which they are shown."""

import pytest
import torch
from torch import nn
from torchvision.models import VisionTransformer, resnet18

from featevo.model.vgg import vgg
from featevo.visualize.layer_choice import shown_name, spread_layers

SHAPE = (3, 32, 32)


def test_the_convolutions_of_vgg16():
    """Of thirteen the fourth, the ninth and the last."""
    net = vgg(4, width=0.1, hidden=8, pool=1)
    names = spread_layers(net, SHAPE)
    assert names == ["features.7", "features.19", "features.28"]
    assert [shown_name(net, name) for name in names] == ["conv2_2", "conv4_2", "conv5_3"]


def test_a_resnet_is_shown_without_its_convolutions_of_one_pixel():
    net = resnet18(weights=None)
    assert spread_layers(net, SHAPE) == ["layer2.0.conv1", "layer3.0.conv2", "layer4.1.conv2"]
    every = spread_layers(net, SHAPE, 100)
    assert len(every) == 17
    assert not [name for name in every if "downsample" in name or name == "fc"]


def test_a_transformer_is_shown_by_the_hidden_neurons_of_its_mlps():
    net = VisionTransformer(32, 8, 6, 2, 8, 16, num_classes=4)
    assert spread_layers(net, SHAPE) == [f"encoder.layers.encoder_layer_{block}.mlp.0" for block in (1, 3, 5)]


def test_linear_layers_without_the_logits():
    """Also a hidden layer as wide as the logits, with outputs that are all zero for a black image."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
            nn.init.ones_(layer.weight)
    assert spread_layers(net, SHAPE) == ["1", "3"]


class Crossed(nn.Module):
    """Called in another order than registered; one layer is never called; one has its images on another axis."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.unused, self.first = nn.Conv2d(4, 4, 3), nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)
        self.turned, self.head = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, images):
        maps = self.last(self.first(images)).mean((2, 3))
        return self.head(self.turned(maps.expand(3, *maps.shape)).mean(0))


def test_the_order_is_that_of_the_calls():
    assert spread_layers(Crossed(), SHAPE) == ["first", "last"]
    assert spread_layers(Crossed(), SHAPE, 1) == ["last"]


def test_a_single_convolution():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(3600, 5), nn.ReLU(), nn.Linear(5, 2))
    assert spread_layers(net, SHAPE) == ["0"]
    ones = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert spread_layers(ones, SHAPE) == ["0", "1"]


def test_nothing_to_choose_is_an_error():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 4))
    with pytest.raises(ValueError, match="Sequential has no convolution or linear layer before its logits: name lay"):
        spread_layers(net, SHAPE)


def test_the_network_and_the_random_stream_stay_as_they_are():
    net = vgg(4, width=0.1, hidden=8, pool=1, batch_norm=True).train()
    before, stream = {name: value.clone() for name, value in net.state_dict().items()}, torch.get_rng_state()
    spread_layers(net, SHAPE)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(module.training and not module._forward_hooks for module in net.modules())
    assert torch.equal(stream, torch.get_rng_state())


def test_the_name_of_the_literature_or_the_given_one():
    net = nn.ModuleDict({"net": vgg(4, width=0.1, hidden=8, pool=1)})
    assert (
        shown_name(net, "net.features.21") == shown_name(net, "features.21") == shown_name(net, "conv4_3") == "conv4_3"
    )
    assert shown_name(net, "net.classifier.3") == "net.classifier.3"
    assert shown_name(net, "classifier.3") == "classifier.3"
    with pytest.raises(ValueError, match="layer='conv4_9' does not exist"):
        shown_name(net, "conv4_9")
