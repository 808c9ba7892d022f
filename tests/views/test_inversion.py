"""Inversion: the features of the current weights, each unit by itself, its measures by hand, on record."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.inversion import Inversion
from featevo.views.keeping import Keeping
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context
from featevo.visualize import Clip, NormalisedAscent, Regularizer, Schedule
from tests.views.fixed import MEAN, SIZE, STD, assert_unchanged, context, fingerprint, small_network

CLIPPED = Regularizer(operators={"clip": Clip()}, optimizer=NormalisedAscent(Schedule(0.06, 0.003)))
LAYERS = ["layers.0", "layers.3"]


def inversion(layers=LAYERS, pictures=1, **settings):
    common: dict[str, Any] = {"steps": 3, "step_size": None, "first_step": 1.0, "seed": 0, "chunk_size": None}
    common |= {"regularizer": CLIPPED, "examples": None}
    return Inversion({**common, **settings}, layers, pictures)


def drawn(view, network, units=None):
    found = view.units(network, context()) if units is None else units
    return {one.image.unit: one for one in view.draw(network, found, context())}


def features(network, layer, images):
    """Of the first convolution, or of the second one, in eval mode, without the code under test."""
    images = (images.double() - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    parts = list(network.module.layers)
    with torch.no_grad():
        maps = parts[0](images)
        if layer == "layers.0":
            return maps
        norm = parts[1]
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        maps = (maps - norm.running_mean.view(-1, 1, 1)) * scale.view(-1, 1, 1) + norm.bias.view(-1, 1, 1)
        return parts[3](maps.clamp_min(0))


def test_units_are_layers_times_images_and_the_originals():
    network, view = small_network(), inversion(pictures=2)
    assert view.units(network, context()) == range(24)
    images = [one.image for one in drawn(view, network).values()]
    assert [image.unit for image in images] == list(range(24))
    assert [image.group for image in images] == ["layers.0"] * 8 + ["layers.3"] * 8 + ["original"] * 8
    assert [image.name for image in images[:3]] == ["frog 0", "frog 1", "table 0"] == [i.name for i in images[16:19]]
    originals = drawn(view, network, units=[17, 16])
    assert list(originals) == [17, 16]
    everything, labels = context().real(2)
    assert torch.equal(originals[16].pixels, everything[labels == 0][0])
    assert torch.equal(originals[17].pixels, everything[labels == 0][1])


def test_measures_are_those_computed_by_hand():
    network, view = small_network(), inversion()
    found = drawn(view, network)
    for unit in range(10):
        image, original = found[unit].pixels, found[10 + unit % 5].pixels
        layer = LAYERS[unit // 5]
        now, wanted = features(network, layer, image[None]), features(network, layer, original[None])
        error = float((now - wanted).square().sum() / wanted.square().sum())
        assert found[unit].image.values["error"] == pytest.approx(error, rel=1e-5)
        pixels = np.sqrt(np.mean((image.double().numpy() - original.double().numpy()) ** 2))
        assert found[unit].image.values["pixel_error"] == pytest.approx(pixels, rel=1e-5)


def test_an_image_comes_back_from_the_features_of_a_convolution_that_keeps_it():
    """Eight 3 x 3 filters of three channels, at every pixel: more numbers than the image has."""
    network = small_network()
    found = drawn(inversion(["layers.0"], steps=150), network)
    for unit in range(5):
        values = found[unit].image.values
        assert values["error"] < 0.01
        assert values["pixel_error"] < 0.1  # of noise on grey against the uniform noise of the image: 0.29
        assert (found[unit].pixels - found[5 + unit].pixels).abs().mean() < 0.1


def test_features_are_of_the_current_weights():
    network, view = small_network(), inversion(["layers.0"])
    before = drawn(view, network)[0]
    with torch.no_grad():
        network.module.layers[0].weight.mul_(torch.rand(8, 1, 1, 1, generator=torch.Generator().manual_seed(1)))
    after = drawn(view, network)[0]
    assert not torch.equal(before.pixels, after.pixels)
    original = drawn(view, network)[5].pixels
    now, wanted = (features(network, "layers.0", pixels[None]) for pixels in (after.pixels, original))
    error = float((now - wanted).square().sum() / wanted.square().sum())
    assert after.image.values["error"] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("chunk_size", [None, 1])
def test_an_image_depends_on_its_own_unit_alone(chunk_size):
    """Alone, in any order, in batches of any size; with random transforms, whose streams are by unit."""
    network = small_network()
    whole = drawn(inversion(regularizer=Regularizer.named("mahendran")), network)
    view = inversion(regularizer=Regularizer.named("mahendran"), chunk_size=chunk_size)
    some = drawn(view, network, units=[8, 3, 1, 12])
    assert list(some) == [8, 3, 1, 12]
    for unit, one in some.items():
        assert torch.allclose(one.pixels, whole[unit].pixels, atol=1e-6)
        assert one.image.name == whole[unit].image.name
    assert not torch.allclose(whole[1].pixels, drawn(replace_seed(view), network, units=[1])[1].pixels, atol=1e-2)


def replace_seed(view):
    return replace(view, settings={**view.settings, "seed": 1})


def test_many_images_in_portions_are_the_same(monkeypatch):
    network = small_network()
    whole = drawn(inversion(), network)
    monkeypatch.setattr("featevo.views.inversion.AT_ONCE", 2)
    steps: list[int] = []
    for unit, one in enumerate(inversion().draw(network, range(15), context(on_step=steps.append))):
        assert torch.allclose(one.pixels, whole[unit].pixels, atol=1e-6)
    assert steps == sorted(steps)
    assert steps[-1] == inversion().steps(range(15)) == 45


def test_three_convolutions_are_chosen_where_none_is_named():
    stack: list[nn.Module] = [layer for _ in range(5) for layer in (nn.Conv2d(3, 3, 1), nn.ReLU())]
    stack.insert(4, nn.MaxPool2d(2))
    network = replace(small_network(), module=nn.Sequential(*stack, nn.Flatten(), nn.Linear(192, 5)))
    names = [one.image.group for one in drawn(inversion(None, steps=1), network, range(20)).values()]
    assert names[::5] == ["conv1_2", "conv2_1", "conv2_3", "original"]
    one = replace(network, module=nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten(), nn.Linear(512, 5)))
    assert [each.image.group for each in drawn(inversion(None, steps=1), one).values()][::5] == ["0", "original"]


def test_training_is_untouched():
    network = small_network()
    before = fingerprint(network.module)
    drawn(inversion(), network)
    assert_unchanged(network.module, before)
    with pytest.raises(ValueError, match=r"layer='layers\.9' does not exist"):
        drawn(inversion(["layers.9"]), network, range(5))
    assert_unchanged(network.module, before)


def test_it_is_recorded_with_measures_and_layers(tmp_path):
    network = small_network()
    snapshotter = Snapshotter([inversion()], raises=True, keeping=Keeping(False), real=context().real)
    snapshotter.take(network, TrainingState(1, 10, "improvement"), RunFolder(tmp_path))
    (snapshot,) = RunFolder(tmp_path).snapshots()
    images = snapshot.of_view("inversion")
    assert [image.group for image in images[::5]] == ["layers.0", "layers.3", "original"]
    assert images[6].file == "evolution/epoch=001/inversion/006-table-0.png"
    assert set(images[6].values) == {"error", "pixel_error"}
    assert images[11].values == {}
    source = snapshot.provenance["views"]["inversion"]
    assert source["layers"] == LAYERS
    assert source["objective"] == "FeatureMatch"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": []}, r"layers=\[\]: name at least one layer, each once"),
        ({"layers": ["layers.0", "layers.0"]}, "name at least one layer, each once"),
        ({"pictures": 0}, "pictures=0: must be above 0"),
        ({"steps": 0}, "steps=0: must be above 0"),
        ({"regularizer": Regularizer.named("maco")}, "give examples"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    network = small_network()
    with pytest.raises(ValueError, match=message):
        inversion(**settings).check(network)
    inversion().check(network)


def test_what_the_module_lacks_is_named():
    network = small_network()
    with pytest.raises(ValueError, match="inversion needs validation images"):
        inversion().units(network, Context())
    with pytest.raises(ValueError, match=r"layer='layers\.9' does not exist in Couples"):
        inversion(["layers.9"]).units(network, context())
    flat = replace(network, module=nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE**2, 5)))
    with pytest.raises(
        ValueError, match="Sequential has no convolution or linear layer before its logits: name layers"
    ):
        inversion(None).units(flat, context())
