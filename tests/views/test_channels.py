"""Images of channels: the same as by `maximize`, with stable units, recorded, and without any effect on training."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from PIL import Image as Pillow
from torch import nn

from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.channel_units import STRIDE
from featevo.views.channels import Channels
from featevo.views.exemplars import Exemplars
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context, Network
from featevo.visualize import Channel, Regularizer, maximize
from tests.evolve.parts import pictures
from tests.evolve.test_untouched import Draws, assert_untouched
from tests.visualize.parts import small_net

PAPER = Regularizer.named("paper")
SETTINGS: dict[str, Any] = {"steps": 6, "step_size": None, "first_step": 1.0, "seed": 3, "chunk_size": 2}
SETTINGS |= {"regularizer": PAPER, "examples": None}
LAYERS = ["layers.0", "layers.3"]
STATE = TrainingState(1, 10, "improvement")


@pytest.fixture
def network():
    return Network(small_net(), tuple("abcde"), 16, 3, (0.5,), (0.25,))


def real(each):
    return torch.rand(2 * each, 3, 16, 16, generator=torch.Generator().manual_seed(0)), torch.arange(2 * each) % 2


def test_images_are_those_of_maximize(network):
    view = Channels(SETTINGS, LAYERS, [6, 1])
    units = view.units(network, Context())
    assert units == [1, 6, STRIDE + 1, STRIDE + 6]
    drawn = view.draw(network, units, Context())
    assert [one.image.unit for one in drawn] == units
    assert [(one.image.name, one.image.group) for one in drawn] == [
        *(("layers.0 1", "layers.0"), ("layers.0 6", "layers.0")),
        *(("layers.3 1", "layers.3"), ("layers.3 6", "layers.3")),
    ]
    for place, layer in enumerate(LAYERS):
        renders = maximize(
            network.module, Channel(layer, [1, 6]), image_size=16, mean=(0.5,), std=(0.25,), steps=6, seed=3
        )
        for one, render in zip(drawn[2 * place :], renders, strict=False):
            assert torch.allclose(one.pixels, render.image, atol=1e-6)
            assert one.image.values == {"activation": pytest.approx(render.value)}
            assert (one.image.trace_of, one.image.seed) == (6, 3)
            assert one.image.trace == pytest.approx(render.trace, rel=1e-5)


def test_the_activation_is_that_of_the_finished_image(network):
    view = Channels(SETTINGS, LAYERS, [2])
    net = network.module.eval()
    drawn = view.draw(network, view.units(network, Context()), Context())
    for place, (one, depth) in enumerate(zip(drawn, (1, 4), strict=True)):
        with torch.no_grad():
            maps = net.layers[:depth]((one.pixels.double()[None] - 0.5) / 0.25)
        assert one.image.values["activation"] == pytest.approx(maps[0, 2].mean().item(), rel=1e-4), place


def test_an_image_does_not_depend_on_other_units(network):
    """So that processes can share them, in any order."""
    view = Channels(SETTINGS, LAYERS, 4)
    units = view.units(network, Context(real))
    together = {one.image.unit: one.pixels for one in view.draw(network, units, Context(real))}
    for own in ([units[5]], [units[6], units[1]], units[::-1]):
        alone = view.draw(network, own, Context(real))
        assert [one.image.unit for one in alone] == own
        assert all(torch.allclose(one.pixels, together[one.image.unit], atol=1e-6) for one in alone)


def test_progress_counts_the_steps_of_all_layers(network):
    view = Channels(SETTINGS, LAYERS, [0, 1, 2])
    seen: list[int] = []
    units = view.units(network, Context())
    view.draw(network, units, Context(on_step=seen.append))
    assert view.steps(units) == seen[-1] == 36
    assert seen == sorted(seen)


def test_units_and_names_stay_while_weights_change(tmp_path, network):
    """Exemplars of the same run have the same units; files, groups and provenance are recorded."""
    channels, record = Channels(SETTINGS, None, 2), RunFolder(tmp_path)
    last = Channels(SETTINGS, ["layers.8"], [4], name="last")
    snapshotter = Snapshotter([channels, Exemplars(None, 2), last], real=real, raises=True)
    snapshotter.take(network, STATE, record)
    torch.manual_seed(5)
    for parameter in network.module.parameters():
        parameter.data = torch.randn_like(parameter)
    chosen = channels.units(network, Context(real))
    snapshotter.take(network, replace(STATE, epoch=2, step=20), record)
    first, second = record.snapshots()
    units = [image.unit for image in first.of_view("channels")]
    assert units != chosen  # otherwise this network shows nothing
    for snapshot in (first, second):
        for view in ("channels", "exemplars"):
            images = snapshot.of_view(view)
            assert [image.unit for image in images] == units
            assert [image.name for image in images] == [f"{LAYERS[unit // STRIDE]} {unit % STRIDE}" for unit in units]
            assert [image.group for image in images] == [LAYERS[unit // STRIDE] for unit in units]
        (image,) = snapshot.of_view("last")
        assert image.file == f"evolution/{snapshot.folder}/last/004-layers-8-4.png"
    with Pillow.open(tmp_path / second.of_view("channels")[-1].file) as file:
        assert json.loads(file.text["featevo"])["objective"] == "Channel(layers.3)"
    assert second.provenance["views"]["channels"]["objective"] == "Channel"


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (Channels(SETTINGS, name="classes"), "name='classes': use letters, digits and dashes"),
        (Channels(SETTINGS, []), r"layers=\[\]: name at least one, or none for three"),
        (Channels(SETTINGS, channels=0), "channels=0: must be above 0"),
        (Channels({**SETTINGS, "steps": 0}), "steps=0: must be above 0"),
        (Channels({**SETTINGS, "step_size": -1.0}), "step_size=-1.0: must be above 0"),
        (Channels({**SETTINGS, "regularizer": Regularizer.named("maco")}), "uses the statistics of images"),
    ],
)
def test_wrong_settings_are_refused_before_training(network, view, message):
    Channels(SETTINGS).check(network)
    with pytest.raises(ValueError, match=message):
        view.check(network)


def test_layers_have_their_name_of_the_literature_where_there_is_one():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 2))
    view = Channels(SETTINGS, ["0", "4"], [1])
    drawn = view.draw(Network(net, ("a", "b"), 16), [1, STRIDE + 1], Context())
    assert [one.image.name for one in drawn] == ["conv1_1 1", "4 1"]


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_training_is_untouched(tmp_path):
    class Both(Draws):
        def __init__(self, folder):
            lucid = {"channels": 2, "regularizer": "lucid"}
            examples = {"view": "exemplars", "layers": []}
            views = {"channels": lucid, "exemplars": {"channels": 2}, "examples": examples}
            super().__init__(folder, real=lambda each: pictures(1, 12).tensors, views=views, on_error="raise")

    assert_untouched(tmp_path, Both(tmp_path))
    for view, count in (("channels", 2), ("exemplars", 2), ("examples", 3)):
        assert len(list(tmp_path.glob(f"evolution/*/{view}/*.png"))) >= 4 * count
