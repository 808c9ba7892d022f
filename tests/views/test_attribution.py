"""The view of attributions: units, measures, colours, settings, and what is on record."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.attribution import AGAINST, FOR, PALE, Attribution, coloured
from featevo.views.attribution_methods import METHODS, Case, Logits, attributed
from featevo.views.keeping import Keeping
from featevo.views.snapshotter import Snapshotter
from featevo.views.view import Context
from featevo.visualize import NonFiniteError
from featevo.visualize.network import frozen_eval
from tests.views.fixed import assert_unchanged, context, fingerprint, real, small_network

ALL = Attribution(methods=list(METHODS), samples=6)


def drawn(view, network, units=None):
    found = view.units(network, context()) if units is None else units
    return {one.image.unit: one for one in view.draw(network, found, context())}


def test_units_are_methods_times_images():
    network, view = small_network(), Attribution(pictures=2)
    assert view.units(network, context()) == range(16)
    images = [one.image for one in drawn(view, network).values()]
    assert [image.unit for image in images] == list(range(16))
    assert [image.group for image in images] == ["occlusion"] * 8 + ["integrated gradients"] * 8
    assert [image.name for image in images[6:10]] == ["cup 0", "cup 1", "frog 0", "frog 1"]
    assert view.steps(range(16)) == 0


def test_the_target_is_the_images_own_class_and_evidence_is_summed():
    network, view = small_network(), Attribution(methods=["integrated_gradients"], samples=6)
    images, labels = real(1)
    module = small_network().module.eval()
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (network.mean, network.std))
    for label, one in drawn(view, network).items():
        picture = images[labels == label].double()
        with frozen_eval(network.module):
            found = attributed("integrated_gradients", Case(Logits(network), picture, label, 6, (0, label)))
        values = one.image.values
        assert values["for"] == pytest.approx(found[found > 0].sum().item(), rel=1e-5)
        assert values["against"] == pytest.approx(-found[found < 0].sum().item(), rel=1e-5)
        logits = module((picture - mean) / std)[0].detach()
        assert values["logit"] == pytest.approx(logits[label].item(), rel=1e-5)
        assert values["probability"] == pytest.approx(logits.exp()[label].item() / logits.exp().sum().item(), rel=1e-5)


def test_an_image_depends_on_its_own_unit_alone():
    network = small_network()
    whole = drawn(ALL, network)
    torch.rand(3)  # the global stream is elsewhere now
    some = drawn(ALL, network, units=[33, 16, 2])
    assert list(some) == [33, 16, 2]
    for unit, one in some.items():
        assert torch.equal(one.pixels, whole[unit].pixels)
        assert one.image.values == whole[unit].image.values
    smooth = list(METHODS).index("smoothgrad") * 5
    assert not torch.equal(drawn(replace(ALL, seed=1), network, [smooth])[smooth].pixels, whole[smooth].pixels)


def test_training_is_untouched():
    network = small_network()
    before = fingerprint(network.module)
    drawn(ALL, network)
    assert_unchanged(network.module, before)


def test_colours_by_hand():
    """Red for, blue against, by the multiple of the mean; grey elsewhere, paler than the picture."""
    picture = torch.tensor([0.0, 0.5, 1.0]).repeat(3, 2, 1)
    attribution = torch.tensor([[12.0, -3.0, 0.0], [0.0, 1.5, -1.5]])  # the mean size is 3
    image = coloured(attribution, picture, full=2.0)
    assert image.shape == (3, 2, 3)
    black, grey, white = 1 - PALE, 1 - PALE / 2, 1.0
    expected = {
        (0, 0): np.array(FOR),  # four times the mean: above the deepest
        (0, 1): (grey + np.array(AGAINST)) / 2,  # the mean: half of the deepest
        (0, 2): np.full(3, white),
        (1, 0): np.full(3, black),
        (1, 1): 0.75 * grey + 0.25 * np.array(FOR),
        (1, 2): 0.75 * white + 0.25 * np.array(AGAINST),
    }
    for (y, x), colour in expected.items():
        assert np.allclose(image[:, y, x].numpy(), colour, atol=1e-6)


def test_the_scale_is_the_same_at_every_snapshot():
    """Ten times the logits give the same colours; a share that grows gives a deeper one. The size is in the values."""
    attribution = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    picture = torch.rand(3, 8, 8)
    assert torch.allclose(coloured(attribution, picture, 6.0), coloured(10 * attribution, picture, 6.0), atol=1e-6)
    network, view = small_network(), Attribution(methods=["gradient"])
    before = drawn(view, network)[0]
    with torch.no_grad():
        network.module.layers[-1].weight.mul_(10)
    after = drawn(view, network)[0]
    assert torch.allclose(before.pixels, after.pixels, atol=1e-5)
    assert after.image.values["for"] == pytest.approx(10 * before.image.values["for"], rel=1e-4)
    white = torch.ones(3, 2, 2)
    weak, strong = (coloured(torch.tensor([[a, 1.0], [1.0, 1.0]]), white, 6.0)[1, 0, 0] for a in (1.0, 3.0))
    assert strong < weak < 1


def test_no_attribution_at_all_has_no_colour():
    picture = torch.rand(3, 4, 4)
    image = coloured(torch.zeros(4, 4), picture, 6.0)
    assert torch.allclose(image, (1 - PALE * (1 - picture.mean(0))).expand(3, 4, 4))


def test_grey_pictures_get_colours_too():
    assert coloured(torch.randn(4, 4), torch.rand(1, 4, 4), 6.0).shape == (3, 4, 4)


def test_it_is_recorded(tmp_path):
    snapshotter = Snapshotter([Attribution(samples=4)], raises=True, keeping=Keeping(False), real=context().real)
    snapshotter.take(small_network(), TrainingState(1, 10, "improvement"), RunFolder(tmp_path))
    (snapshot,) = RunFolder(tmp_path).snapshots()
    images = snapshot.of_view("attribution")
    assert [image.group for image in images[::5]] == ["occlusion", "integrated gradients"]
    assert images[6].file == "evolution/epoch=001/attribution/006-table-0.png"
    assert set(images[6].values) == {"for", "against", "logit", "probability"}
    source = snapshot.provenance["views"]["attribution"]
    assert source["methods"] == ["occlusion", "integrated_gradients"]
    assert source["full"] == {"occlusion": 6.0, "integrated_gradients": 6.0}
    assert len(source["weights"]) == 64


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"methods": []}, r"methods=\[\]: name at least one method, each once"),
        ({"methods": ["gradient", "gradient"]}, "name at least one method, each once"),
        ({"methods": ["lime"]}, "methods='lime': use one of gradcam, integrated_gradients, gradient, "),
        ({"pictures": 0}, "pictures=0: must be above 0"),
        ({"samples": 0}, "samples=0: must be above 0"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Attribution(**settings).check(small_network())
    Attribution().check(small_network())


def test_without_captum_there_is_one_clear_line(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "captum"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(ValueError, match=r"^attribution needs captum: pip install 'featevo\[attribution\]'$"):
        Attribution().check(small_network())


def test_what_is_missing_is_named():
    network = small_network()
    with pytest.raises(ValueError, match="attribution needs validation images"):
        Attribution().units(network, Context())
    flat = replace(network, module=torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768, 5)))
    with pytest.raises(ValueError, match="gradcam needs a convolution"):
        Attribution(methods=["gradcam"]).units(flat, context())
    with torch.no_grad():
        network.module.layers[0].weight[0] = torch.nan
    with pytest.raises(NonFiniteError, match="frog 0: the attribution by gradient is not finite"):
        drawn(Attribution(methods=["gradient"]), network)
