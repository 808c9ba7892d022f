"""Which channels are drawn, and their numbers."""

from typing import Any

import pytest
import torch
from torch import nn

from featevo.views.channel_units import STRIDE, ChannelUnits, check_name
from featevo.views.view import Context, Network


@pytest.fixture
def network():
    """The mean activation of a channel is its bias."""
    first, second = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 4, 3)
    net = nn.Sequential(first, second, nn.Flatten(), nn.Linear(256, 2))
    for layer, bias in ((first, [0, 5, 1, 4, 2, 3]), (second, [-1, -2, -4, -3])):
        nn.init.zeros_(layer.weight)
        layer.bias = nn.Parameter(torch.tensor(bias).float())
    return Network(net, ("a", "b"), 12)


def real(each):
    return torch.rand(2 * each, 3, 12, 12, generator=torch.Generator().manual_seed(0)), torch.arange(2 * each) % 2


def test_those_that_fire_most_are_chosen(network):
    assert ChannelUnits(["0", "1"], 2).choose(network, Context(real)) == [1, 3, STRIDE, STRIDE + 1]
    assert ChannelUnits(["1", "0"], 1).choose(network, Context(real)) == [0, STRIDE + 1]
    assert ChannelUnits(None, 1).choose(network, Context(real)) == [1, STRIDE]


def test_as_many_images_of_each_class_as_said_decide(network):
    asked = []

    def counted(each):
        asked.append(each)
        return real(each)

    ChannelUnits(["0"], 2, 5).choose(network, Context(counted))
    assert asked == [5]


def test_the_same_units_are_drawn_again(network):
    """Also where others fire more by now, and without reading images."""

    def never(each):
        raise AssertionError("read again")

    known = [0, 2, STRIDE + 3]
    assert ChannelUnits(["0", "1"], 2).choose(network, Context(never, known)) == known


def test_channels_given_by_number_need_no_images(network):
    assert ChannelUnits(["0", "1"], [3, 0]).choose(network, Context()) == [0, 3, STRIDE, STRIDE + 3]


def test_without_images_they_are_evenly_spread(network):
    assert ChannelUnits(["0", "1"], 3).choose(network, Context()) == [0, 2, 4, STRIDE, STRIDE + 1, STRIDE + 2]
    assert ChannelUnits(["1"], 9).choose(network, Context()) == [0, 1, 2, 3]
    assert ChannelUnits(["1"], 9).choose(network, Context(real)) == [0, 1, 2, 3]


def test_units_know_their_layer(network):
    units = [STRIDE + 2, 5, STRIDE, 0]
    assert ChannelUnits(["0", "1"]).by_layer(network, units) == {"0": [5, 0], "1": [STRIDE + 2, STRIDE]}
    assert ChannelUnits(["0", "1"]).by_layer(network, [STRIDE]) == {"1": [STRIDE]}


def test_what_a_network_does_not_have_is_one_clear_error(network):
    wide = Network(nn.Sequential(nn.Flatten(), nn.Linear(12, STRIDE + 1)), ("a",), 2)
    for units, net, context, message in (
        (ChannelUnits(["nowhere"]), network, Context(), "layer='nowhere' does not exist in Sequential"),
        (ChannelUnits(["0", "1", "0"]), network, Context(), r"layers=\['0', '1', '0'\]: 0 is there twice"),
        (ChannelUnits(["0", "1"], [4]), network, Context(), "channel 4 does not exist: 1 has channels 0 to 3"),
        (ChannelUnits(["1"]), network, Context(known=[4]), "channel 4 does not exist: 1 has channels 0 to 3"),
        (ChannelUnits(["0"]), network, Context(known=[STRIDE]), "layers: the snapshot before has more than 1"),
        (ChannelUnits(["1"]), wide, Context(), f"layer='1' has {STRIDE + 1} channels; units are numbered for at most"),
    ):
        with pytest.raises(ValueError, match=message):
            units.choose(net, context)


@pytest.mark.parametrize(
    ("units", "message"),
    [
        (ChannelUnits(channels=0), "channels=0: must be above 0"),
        (ChannelUnits(channels=[]), r"channels=\[\]: give a number, or different channels counted from 0"),
        (ChannelUnits(channels=[1, -1]), r"channels=\[1, -1\]: give a number, or different channels"),
        (ChannelUnits(channels=[1, 1]), r"channels=\[1, 1\]: give a number, or different channels"),
        (ChannelUnits(pictures=0), "pictures=0: must be above 0"),
        (ChannelUnits("conv4_3"), "layers='conv4_3': give a list of names"),
    ],
)
def test_wrong_settings_are_refused(units, message):
    with pytest.raises(ValueError, match=message):
        units.check()


def test_names_are_no_channels():
    """As a configuration may have them."""
    wrong: Any = ["17"]
    with pytest.raises(ValueError, match=r"channels=\['17'\]: give a number, or different channels"):
        ChannelUnits(channels=wrong).check()


@pytest.mark.parametrize("name", ["classes", "a/b", "..", "", "two words", "a\n"])
def test_a_view_has_a_name_of_its_own(name):
    check_name("channels-2")
    with pytest.raises(ValueError, match="use letters, digits and dashes, and not 'classes'"):
        check_name(name)
