"""Measuring during training: what the record says, who may judge, and that nothing is lost where it fails."""

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.measure import measuring as measuring_module
from featevo.measure.confusion import CropConfusion, SelfConfusion, ValidationAgreement
from featevo.measure.controls import Real, is_related, untrained
from featevo.measure.judge import judge
from featevo.measure.measuring import Measuring
from featevo.measure.probe import Probe
from featevo.measure.recognition import Recognition
from featevo.measure.stability import Drift
from featevo.measure.subject import OfPictures
from featevo.record.reading import read_evolution
from tests.evolve.parts import CLASSES, SIZE, Module, fit, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


def real(size=SIZE):
    sets = [pictures(seed, 24).tensors for seed in (0, 1)]
    bigger = [(nn.functional.interpolate(shown, (size, size)), labels) for shown, labels in sets]
    return Real(*bigger[0], *bigger[1], classes=CLASSES)


def network_only(judge):
    return [SelfConfusion(), CropConfusion(), ValidationAgreement()]


def evolve(folder, measuring, **settings):
    callback = FeatureEvolutionCallback(
        CLASSES, SIZE, trigger="every_epoch", steps=4, folder=folder, measuring=measuring, **settings
    )
    fit(folder, [callback])
    return read_evolution(folder).snapshots


def test_the_record_has_means_values_matrices_and_controls(tmp_path):
    snapshots = evolve(tmp_path, Measuring(network_only, real, seeds=1))
    assert len(snapshots) == 3
    for snapshot in snapshots:
        for name in ("confusion/self", "confusion/crops"):
            each = [render.measures[name] for render in snapshot.images]
            assert snapshot.measures[name] == pytest.approx(sum(each) / 3, abs=1e-4)
        for render in snapshot.images:
            assert render.measures["confusion/self"] == pytest.approx(1 - render.values["probability"], abs=1e-3)
        matrices = json.loads((tmp_path / "evolution" / snapshot.folder / "confusion.json").read_text())
        assert matrices["classes"] == list(CLASSES)
        assert all(sum(row) == pytest.approx(1, abs=1e-3) for kind in ("self", "crops") for row in matrices[kind])
        assert all(sum(row) == pytest.approx(1, abs=1e-3) for row in matrices["validation"])
    controls = json.loads((tmp_path / "evolution" / "controls.json").read_text())
    assert set(controls["confusion/crops"]) == {"noise", "start", "untrained", "real", "seeds"}
    assert controls["confusion/crops"]["real"]["n"] == 12
    assert controls["confusion/crops"]["seeds"]["n"] == 2
    entry = json.loads((tmp_path / "evolution" / "index.jsonl").read_text().splitlines()[0])
    assert entry["measure_seconds"] > 0
    assert entry["provenance"]["measures"]["judge"] is None


def test_measuring_nothing_leaves_the_record_as_it_was(tmp_path):
    (first, *_) = evolve(tmp_path, None)
    assert first.measures == {}
    assert "measures" not in first.provenance
    assert not list(tmp_path.rglob("con*.json"))


class Breaks:
    """A measure with a bug."""

    name = "confusion/broken"

    def __call__(self, subject):
        raise ZeroDivisionError("a bug")


def test_a_failing_measure_loses_no_picture_and_no_other_measure(tmp_path, caplog):
    snapshots = evolve(tmp_path, Measuring(lambda judge: [Breaks(), SelfConfusion()]))
    assert [len(snapshot.images) for snapshot in snapshots] == [3, 3, 3]
    assert snapshots[0].error is None
    assert snapshots[0].provenance["measures"]["failed"] == {"confusion/broken": "ZeroDivisionError: a bug"}
    assert set(snapshots[0].measures) == {"confusion/self"}
    assert "confusion/broken" in caplog.text


def test_measuring_that_cannot_begin_stops_no_training(tmp_path, caplog):
    def missing():
        raise OSError("the disk is gone")

    snapshots = evolve(tmp_path, Measuring(network_only, missing))
    assert snapshots[0].provenance["measures"] == {"error": "OSError: the disk is gone"}
    assert [len(snapshot.images) for snapshot in snapshots] == [3, 3, 3]


class Starts(nn.Module):
    """A network that begins with a judge's convolutions."""

    def __init__(self, whose):
        super().__init__()
        self.features = whose.net
        self.head = nn.Linear(128, 3)

    def forward(self, pictures):
        return self.head(self.features(pictures).mean((2, 3)))


def test_nobody_judges_himself_not_even_after_training():
    shipped = judge()
    child = Starts(shipped)
    assert is_related(shipped, child)
    measuring = Measuring(lambda seeing: [Recognition()], lambda: real(64), shipped)
    measuring.begin(child, 64, 3)
    decided = measuring._about
    assert "nobody judges himself" in decided["refused"]["judge vgg16_slim_scenes"]
    assert decided["judge"] is None

    grown = untrained(child, 0)
    assert not is_related(shipped, grown)
    measuring.begin(grown, 64, 3, earlier=decided["refused"])
    assert measuring._about["judge"] is None


def measured(folder, measuring):
    """What a run's first two snapshots say, of noise at the smallest size that a judge takes."""

    def noise(module, seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.stack([torch.rand(3, 64, 64, generator=generator) for _ in CLASSES])

    measuring.begin(Module(), 64, 3)
    plain = ((0.0,), (1.0,))
    return [measuring.snapshot(Module().eval(), noise(None, seed), plain, 0, noise, folder) for seed in (10, 11)]


@pytest.mark.parametrize(("terms", "seeds", "times"), [([Drift()], 0, 0), ([Drift()], 1, 1), ([Recognition()], 0, 1)])
def test_a_judge_learns_the_classes_only_where_a_measure_asks_it(tmp_path, monkeypatch, terms, seeds, times):
    taught = []

    class Counted(Probe):
        def __init__(self, *given):
            taught.append(given)
            super().__init__(*given)

    monkeypatch.setattr(measuring_module, "Probe", Counted)
    snapshots = measured(tmp_path, Measuring(lambda seeing: terms, lambda: real(64), judge(), seeds=seeds))
    assert len(taught) == times
    assert bool(snapshots[1].values.means) == bool(times)
    told = {"name", "weights", "layer"} | ({"accuracy", "classes"} if times else set())
    assert [set(snapshot.provenance["judge"]) for snapshot in snapshots] == [told] * 2


def test_a_judge_that_does_not_know_the_classes_is_refused_by_name(tmp_path, caplog):
    shown = real(64)
    mixed = replace(shown, train_labels=shown.train_labels.roll(1))  # taught red for green
    measuring = Measuring(lambda seeing: [Recognition()], lambda: mixed, judge())
    with caplog.at_level("INFO"):
        (first, _) = measured(tmp_path, measuring)
    assert caplog.text.count("what judge vgg16_slim_scenes says of classes is left out: it recognises") == 1
    assert first.values.means == {}
    assert first.provenance["judge"]["name"] == "vgg16_slim_scenes", "its features may still be used"
    measuring.begin(Module(), 64, 5)
    assert "1 or 3 channels" in measuring._about["refused"]["judge vgg16_slim_scenes"]


class PngSize:
    """What compresses badly is not what is complex."""

    name = "complexity/png"

    def __call__(self, pictures):
        return (pictures[..., 1:] - pictures[..., :-1]).abs().mean((1, 2, 3))


def test_a_complexity_that_fails_the_ladder_is_not_asked(caplog):
    measuring = Measuring(lambda seeing: [OfPictures(PngSize()), SelfConfusion()])
    with caplog.at_level("INFO"):
        measuring.begin(Module(), 64, 3)
    assert [measure.name for measure in measuring._measures] == ["confusion/self"]
    assert "complexity/png is left out: at 64 pixels" in caplog.text


def test_an_untrained_copy_is_another_network_and_leaves_the_first_alone():
    module = Module()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    fresh = untrained(module, 0)
    drawn, again = fresh.state_dict(), untrained(module, 0).state_dict()
    assert not torch.equal(drawn["net.0.weight"], before["net.0.weight"])
    assert all(torch.equal(tensor, again[name]) for name, tensor in drawn.items())
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
