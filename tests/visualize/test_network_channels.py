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


@pytest.mark.parametrize(
    ("layers", "mean", "channels"),
    [
        ([nn.Conv2d(4, 8, 3), nn.Conv2d(2, 4, 3)], (0.4, 0.5), 2),  # not the first one in the order of the modules
        ([nn.Conv2d(3, 8, 3)], (0.4, 0.5), 3),  # a mistake in `mean`
        ([nn.Linear(8, 2)], (0.4, 0.5), 2),
        ([nn.LazyConv2d(6, 3)], (0.4, 0.5), 2),
    ],
)
def test_channels_are_those_of_the_mean_if_a_convolution_may_take_them(layers, mean, channels):
    assert channels_of(nn.Sequential(*layers), mean) == channels


def test_one_number_is_for_any_channels():
    assert (channels_in([0.5]), channels_in((0.5, 0.4))) == (None, 2)
