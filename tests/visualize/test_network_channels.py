"""The channels of a model's images, where nobody gives them."""

import pytest
from torch import nn

from featevo.visualize.network import channels_in, channels_of


@pytest.mark.parametrize(
    ("layers", "channels"),
    [
        ([nn.Conv2d(1, 6, 3), nn.Conv2d(6, 2, 3)], 1),
        ([nn.BatchNorm2d(5), nn.Sequential(nn.Conv2d(5, 6, 3))], 5),
        ([nn.Flatten(), nn.Linear(8, 2)], 3),
        ([nn.LazyConv2d(6, 3), nn.Conv2d(6, 2, 3)], 3),  # it does not say how many before its first batch
    ],
)
def test_channels_are_those_of_the_first_convolution(layers, channels):
    assert channels_of(nn.Sequential(*layers)) == channels


def test_one_number_is_for_any_channels():
    assert (channels_in([0.5]), channels_in((0.5, 0.4))) == (None, 2)
