"""Layers are compared at each snapshot, and a failure of it costs nothing else."""

import json
from itertools import pairwise

import pytest
import torch

from featevo.measure import layer_change
from featevo.measure.information import Information
from featevo.measure.layer_change import IMAGES, grams, linear_cka
from featevo.measure.measuring import Measuring
from featevo.measure.subject import Real
from featevo.record.check import problems_of
from featevo.record.schema import TrainingState
from featevo.record.store import RunFolder
from featevo.views.layer_comparison import LayerComparison
from featevo.views.snapshotter import Snapshotter, grams_of
from featevo.views.view import Network
from tests.views.test_snapshotter import Filters, classes


def noise(each):
    """40 images of each of two classes, one after the other."""
    labels = torch.arange(2).repeat_interleave(min(each, 40))
    return torch.rand((len(labels), 3, 12, 12), generator=torch.Generator().manual_seed(0)), labels


@pytest.fixture
def network():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(400, 2))
    return Network(net, ("frog", "table"), 12)


def trained(network, folder, epochs, layers=None, start=0):
    """Snapshots of a network whose last layer is another one at each epoch; its outputs, and the folder's numbers."""
    record, snapshotter = RunFolder(folder), Snapshotter([Filters()], layers=layers or LayerComparison(noise, 2))
    images, outputs = noise(32)[0], []
    for epoch in range(start, start + epochs):
        with torch.no_grad():
            network.module[3].weight.normal_(generator=torch.Generator().manual_seed(epoch))
            outputs.append(network.module(images))
        assert snapshotter.take(network, TrainingState(epoch, 10 * epoch, "improvement"), record) is not None
    return outputs, json.loads((folder / "evolution" / "layers.json").read_text())


def test_the_numbers_are_those_of_the_outputs_and_written_anew_at_each_snapshot(tmp_path, network):
    outputs, found = trained(network, tmp_path, 3)
    assert found["layers"] == ["0", "3"]
    assert (found["epochs"], found["folders"]) == ([0, 1, 2], ["epoch=000", "epoch=001", "epoch=002"])
    assert found["to_end"][0] == [1, 1, 1]
    assert found["to_end"][1] == pytest.approx([linear_cka(one, outputs[-1]) for one in outputs], abs=1e-4)
    steps = [pytest.approx(linear_cka(*pair), abs=1e-4) for pair in pairwise(outputs)]
    assert found["to_previous"][1] == [None, *steps]
    assert problems_of(tmp_path) == []


def test_a_resumed_record_has_the_numbers_of_one_that_was_not_interrupted(tmp_path, network):
    _, whole = trained(network, tmp_path / "whole", 4)
    trained(network, tmp_path / "cut", 3)
    RunFolder(tmp_path / "cut").truncate_after(10)
    assert not (tmp_path / "cut" / "evolution" / "layers.json").exists()
    assert trained(network, tmp_path / "cut", 2, start=2)[1] == whole


def test_the_images_are_few_spread_over_classes_and_read_once(tmp_path, network):
    asked = []

    def real(each):
        asked.append(each)
        images, labels = noise(40)
        return images[torch.arange(80) % 40 < 40], labels

    layers = LayerComparison(real, 2)
    trained(network, tmp_path, 2, layers)
    assert asked == [IMAGES // 2]
    sizes = {len(gram) for gram in RunFolder(tmp_path).grams(RunFolder(tmp_path).snapshots()[0]).values()}
    assert sizes == {IMAGES}
    many = torch.arange(300)
    one_of_each = LayerComparison(lambda each: (torch.rand(300, 3, 12, 12), many), 300)
    assert len(one_of_each.grams(grams_of(network))["0"]) == IMAGES


def test_images_that_a_measure_uses_too_go_through_the_layers_once(tmp_path, network, monkeypatch):
    passes = []

    def counted(module, shown, **normalisation):
        passes.append(len(shown))
        return grams(module, shown, **normalisation)

    monkeypatch.setattr(layer_change, "grams", counted)
    images, labels = noise(32)
    mixed = torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))
    images, labels = images[mixed], labels[mixed]
    measuring = Measuring(lambda judge: [Information("late")], lambda: Real(images, images, labels))
    layers = LayerComparison(lambda each: (images, labels), 2)
    snapshotter = Snapshotter([classes(steps=1)], measuring, layers=layers)
    snapshotter.begin(network, RunFolder(tmp_path))
    for epoch in (1, 2):
        assert snapshotter.take(network, TrainingState(epoch, epoch, "improvement"), RunFolder(tmp_path)) is not None
    assert passes == [64, 64]
    recorded = RunFolder(tmp_path)
    assert all("information/late" in snapshot.measures for snapshot in recorded.snapshots())
    assert all(recorded.grams(snapshot) for snapshot in recorded.snapshots())


def test_a_failure_is_logged_and_the_images_are_recorded(tmp_path, network, caplog):
    def real(each):
        raise ZeroDivisionError("a bug")

    state, broken = TrainingState(1, 10, "improvement"), LayerComparison(real, 2)
    taken = Snapshotter([Filters()], layers=broken).take(network, state, RunFolder(tmp_path))
    assert taken is not None
    assert len(taken.snapshot.images) == 4
    assert "Layers cannot be compared; the images are recorded, training goes on (ZeroDivisionError" in caplog.text
    with pytest.raises(ZeroDivisionError):
        Snapshotter([Filters()], layers=broken, raises=True).take(network, state, RunFolder(tmp_path / "other"))


def test_damaged_matrices_of_an_earlier_snapshot_are_named(tmp_path, network, caplog):
    trained(network, tmp_path, 1)
    (tmp_path / "evolution" / "epoch=000" / "grams.safetensors").write_bytes(b"x")
    taken = Snapshotter([Filters()], layers=LayerComparison(noise, 2)).take(
        network, TrainingState(1, 10, "improvement"), RunFolder(tmp_path)
    )
    assert taken is not None
    (line,) = caplog.text.splitlines()
    assert "grams.safetensors cannot be read" in line
