"""Exemplars against networks whose activations are pixels."""

import json

import pytest
import torch
from PIL import Image as Pillow
from torch import nn

from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.channel_units import STRIDE
from featevo.views.exemplars import Exemplars
from featevo.views.extremes import extremes
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context, Network

SIZE = 12


class Spots(nn.Module):
    """Channel 0 of `near` is the pixel in the middle of a 3 x 3 kernel, channel 1 its negative; two logits."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv2d(1, 2, 3, padding=1, bias=False)
        nn.init.zeros_(self.near.weight)
        self.near.weight.data[:, 0, 1, 1] = torch.tensor([1.0, -1.0])
        self.far = nn.Linear(SIZE * SIZE, 2, bias=False)
        self.far.weight.data = torch.stack([torch.ones(SIZE * SIZE), -torch.ones(SIZE * SIZE)])

    def forward(self, images):
        return self.far(self.near(images)[:, 0].flatten(1))


@pytest.fixture
def network():
    return Network(Spots(), ("dark", "bright"), SIZE, channels=1)


def real(each):
    """Grey images of noise in 0.4..0.6; image n has its brightest pixel at (n, 11 - n), its darkest at (n, n)."""
    images = 0.4 + 0.2 * torch.rand(5, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    for number, bright in enumerate([0.7, 0.95, 0.8, 0.99, 0.9]):
        images[number, 0, number, 11 - number] = bright
        images[number, 0, number, number] = 1 - bright
    return images, torch.tensor([0, 1, 0, 1, 0])


def test_the_crops_with_the_highest_and_the_lowest_pixels(network):
    images, _ = real(16)
    view = Exemplars(["near"], 2, count=2)
    bright, dark = view.draw(network, view.units(network, Context(real)), Context(real))
    assert bright.image.values == {"most": pytest.approx(0.99), "least": pytest.approx(0.01)}
    assert dark.image.values == {"most": pytest.approx(-0.01), "least": pytest.approx(-0.99)}
    assert (bright.image.name, bright.image.group, dark.image.unit) == ("near 0", "near", 1)
    for kind, column in (("most", [8, 10]), ("least", [3, 1])):
        for one, number, middle in zip(bright.own[kind], [3, 1], column, strict=True):
            assert one["picture"] == number
            assert one["class"] == "bright"
            assert one["window"] == (number - 1, middle - 1, 3, 3)
    assert [one["picture"] for one in dark.own["most"]] == [3, 1]
    crops = [images[3, 0, 2:5, 7:10], images[1, 0, 0:3, 9:12], images[3, 0, 2:5, 2:5], images[1, 0, 0:3, 0:3]]
    assert bright.pixels.shape == (1, 2 * SIZE + 1, 2 * SIZE + 1)
    for place, part in enumerate(crops):
        top, left = 13 * (place // 2), 13 * (place % 2)
        found = bright.pixels[0, top : top + SIZE, left : left + SIZE]
        assert torch.equal(found, part.repeat_interleave(4, 0).repeat_interleave(4, 1))


def test_an_image_is_there_once_and_all_if_there_are_few(network):
    view = Exemplars(["near"], [0], count=9)
    (drawn,) = view.draw(network, [0], Context(real))
    assert [one["picture"] for one in drawn.own["most"]] == [3, 1, 4, 2, 0]
    assert [one["activation"] for one in drawn.own["most"]] == pytest.approx([0.99, 0.95, 0.9, 0.8, 0.7])
    assert [one["picture"] for one in drawn.own["least"]] == [3, 1, 4, 2, 0]
    assert drawn.pixels.shape == (1, 2 * SIZE + 1, 5 * SIZE + 4)


def test_a_layer_without_rows_and_columns_shows_whole_images(network):
    images, _ = real(16)
    sums = images.sum((1, 2, 3))
    (drawn,) = Exemplars(["far"], [1], count=2).draw(network, [1], Context(real))
    assert [one["picture"] for one in drawn.own["most"]] == sums.argsort()[:2].tolist()
    assert [one["picture"] for one in drawn.own["least"]] == sums.argsort(descending=True)[:2].tolist()
    assert drawn.image.values["most"] == pytest.approx(-sums.min().item(), rel=1e-5)
    assert torch.equal(drawn.pixels[:, :SIZE, :SIZE], images[sums.argmin()])


def test_a_field_as_large_as_the_image_shows_whole_images_by_their_mean():
    """As the images of channels do; the highest position may be in another image."""
    net = nn.Sequential(nn.Conv2d(1, 1, SIZE, padding=SIZE // 2), nn.Flatten(), nn.Linear(169, 1))
    images, _ = real(16)
    with torch.no_grad():
        maps = net[0](images)
    means = maps.mean((1, 2, 3))
    assert means.argmax() != maps.amax((1, 2, 3)).argmax() or means.argmin() != maps.amin((1, 2, 3)).argmin()
    (drawn,) = Exemplars(["0"], [0], count=1).draw(Network(net, ("a", "b"), SIZE, 1), [0], Context(real))
    assert drawn.own["most"][0]["picture"] == means.argmax()
    assert drawn.own["least"][0]["picture"] == means.argmin()
    assert drawn.own["most"][0]["window"] == (0, 0, SIZE, SIZE)
    assert drawn.image.values["most"] == pytest.approx(means.max().item(), rel=1e-4)


def test_an_empty_list_of_layers_shows_the_classes(network):
    view = Exemplars([], count=1)
    assert list(view.units(network, Context(real))) == [0, 1]
    dark, bright = view.draw(network, [0, 1], Context(real))
    sums = real(16)[0].sum((1, 2, 3))
    assert (dark.image.name, dark.image.group, bright.image.name) == ("dark", "", "bright")
    assert dark.own["most"][0]["picture"] == bright.own["least"][0]["picture"] == sums.argmax()


def test_the_activation_is_that_of_the_position_whose_field_is_shown():
    """A deeper layer with a normalisation, evaluated on the window alone."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3), nn.Flatten())
    net.append(nn.Linear(5 * 49, 2))
    images = torch.rand(6, 3, 20, 20)
    network = Network(net, ("a", "b"), 20, 3, (0.4, 0.5, 0.6), (0.2, 0.3, 0.25))
    for most, least in extremes(network, {"3": [4, 0]}, images, 3)["3"]:
        assert [one.activation for one in most] == sorted((one.activation for one in most), reverse=True)
        assert [one.activation for one in least] == sorted(one.activation for one in least)
    for channel, rows in zip([4, 0], extremes(network, {"3": [4, 0]}, images, 3)["3"], strict=True):
        for one in (*rows[0], *rows[1]):
            top, left, height, width = one.window
            assert (height, width) == (8, 8)
            part = images[one.picture, :, top : top + 8, left : left + 8]
            shown = (part - torch.tensor(network.mean).view(3, 1, 1)) / torch.tensor(network.std).view(3, 1, 1)
            with torch.no_grad():
                assert net[:4](shown[None])[0, channel].item() == pytest.approx(one.activation, abs=1e-5)


def test_nothing_is_optimised_and_the_file_says_which_images_are_shown(tmp_path, network):
    view = Exemplars(["near"], [1], count=1)
    assert view.steps([1]) == 0
    taken = Snapshotter([view], real=real, raises=True).take(
        network, TrainingState(1, 1, "improvement"), RunFolder(tmp_path)
    )
    assert taken is not None
    (image,) = taken.snapshot.images
    with Pillow.open(tmp_path / image.file) as file:
        assert file.mode == "L"
        source = json.loads(file.text["featevo"])
    assert source["most"] == [
        {"class": "bright", "picture": 3, "activation": pytest.approx(-0.01), "window": [2, 2, 3, 3]}
    ]
    views = taken.snapshot.provenance["views"]["exemplars"]
    assert (views["count"], views["pictures"]) == (1, 5)
    assert "most" not in views  # of one image alone


def test_units_of_two_layers_come_back_in_their_order(network):
    view = Exemplars(["near", "far"], 2)
    units = [STRIDE + 1, 0, STRIDE]
    assert [one.image.unit for one in view.draw(network, units, Context(real))] == units


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (Exemplars(count=0), "count=0: must be above 0"),
        (Exemplars(name="a b"), "name='a b': use letters, digits and dashes"),
        (Exemplars(channels=[-1]), r"channels=\[-1\]: give a number"),
        (Exemplars([], pictures=0), "pictures=0: must be above 0"),
    ],
)
def test_wrong_settings_are_refused_before_training(network, view, message):
    Exemplars().check(network)
    with pytest.raises(ValueError, match=message):
        view.check(network)


def test_without_validation_images_there_are_no_exemplars(network):
    with pytest.raises(ValueError, match="exemplars: validation images are needed, and there are none"):
        Exemplars().units(network, Context())
