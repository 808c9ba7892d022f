"""Measuring during training: the record, the independence of the judge, and failures without loss of data."""

import json

import pytest
import torch
from torch import nn

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.measure import measuring as measuring_module
from featevo.measure.clones import Clones
from featevo.measure.clusters import ClusterEntropy
from featevo.measure.confusion import CropConfusion, SelfConfusion, ValidationAgreement
from featevo.measure.controls import is_related, kinds_of_control, untrained
from featevo.measure.information import Depth
from featevo.measure.judge import judge
from featevo.measure.measuring import Measuring
from featevo.measure.phase import PhaseEnergy
from featevo.measure.picture import Contrast
from featevo.measure.stability import Drift, Embedding
from featevo.measure.subject import OfImages, Real, Subject
from featevo.measure.values import controls
from featevo.record.reading import read_evolution
from tests.evolve.parts import CLASSES, SIZE, Module, fit, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


def real(size=SIZE):
    sets = [pictures(seed, 24).tensors for seed in (0, 1)]
    bigger = [(nn.functional.interpolate(shown, (size, size)), labels) for shown, labels in sets]
    return Real(bigger[0][0], *bigger[1])


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


def test_without_measures_the_record_is_unchanged(tmp_path):
    (first, *_) = evolve(tmp_path, None)
    assert first.measures == {}
    assert "measures" not in first.provenance
    assert not list(tmp_path.rglob("con*.json"))


class Breaks:
    """A measure with a bug."""

    name = "confusion/broken"

    def __call__(self, subject):
        raise ZeroDivisionError("a bug")


def test_a_failing_measure_loses_no_image_and_no_other_measure(tmp_path, caplog):
    snapshots = evolve(tmp_path, Measuring(lambda judge: [Breaks(), SelfConfusion()]))
    assert [len(snapshot.images) for snapshot in snapshots] == [3, 3, 3]
    assert snapshots[0].error is None
    assert snapshots[0].provenance["measures"]["failed"] == {"confusion/broken": "ZeroDivisionError: a bug"}
    assert set(snapshots[0].measures) == {"confusion/self"}
    assert "confusion/broken" in caplog.text


def test_an_error_at_the_start_of_measuring_does_not_stop_training(tmp_path, caplog):
    def missing():
        raise OSError("the disk is gone")

    snapshots = evolve(tmp_path, Measuring(network_only, missing))
    assert snapshots[0].provenance["measures"] == {"error": "OSError: the disk is gone"}
    assert [len(snapshot.images) for snapshot in snapshots] == [3, 3, 3]


class Starts(nn.Module):
    """A network that is initialised with a judge's convolutions."""

    def __init__(self, whose):
        super().__init__()
        self.features = whose.net
        self.head = nn.Linear(128, 3)

    def forward(self, pictures):
        return self.head(self.features(pictures).mean((2, 3)))


def test_a_network_with_a_judges_weights_is_not_judged_by_it_even_after_training():
    shipped = judge()
    child = Starts(shipped)
    assert is_related(shipped.net, child)
    measuring = Measuring(lambda judge: [Drift()], lambda: real(64), shipped)
    measuring.begin(child, 64, 3)
    decided = measuring._about
    assert "so it is not independent" in decided["refused"]["judge vgg16_slim_species"]
    assert decided["judge"] is None

    grown = untrained(child, 0)
    assert not is_related(shipped.net, grown)
    measuring.begin(grown, 64, 3, earlier=decided["refused"])
    assert measuring._about["judge"] is None


def measured(folder, measuring):
    """The measures of a run's first two snapshots, of noise at the smallest size for a judge."""

    def noise(module, seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.stack([torch.rand(3, 64, 64, generator=generator) for _ in CLASSES])

    measuring.begin(Module(), 64, 3)
    plain = ((0.0,), (1.0,))
    return [measuring.snapshot(Module().eval(), noise(None, seed), None, plain, 0, noise, folder) for seed in (10, 11)]


@pytest.mark.parametrize(("seeds", "times"), [(0, 0), (1, 1)])
def test_the_embedding_is_made_once_and_only_where_a_measure_uses_it(tmp_path, monkeypatch, seeds, times):
    made = []

    class Counted(Embedding):
        def __init__(self, *given):
            made.append(given)
            super().__init__(*given)

    monkeypatch.setattr(measuring_module, "Embedding", Counted)
    snapshots = measured(tmp_path, Measuring(lambda judge: [Drift()], lambda: real(64), judge(), seeds=seeds))
    assert len(made) == times
    assert bool(snapshots[1].values.means) == bool(times)
    assert [set(snapshot.provenance["judge"]) for snapshot in snapshots] == [{"name", "weights", "layer"}] * 2


def test_a_judge_of_colour_images_is_refused_for_other_channels():
    measuring = Measuring(lambda judge: [Drift()], lambda: real(64), judge())
    measuring.begin(Module(), 64, 5)
    assert "1 or 3 channels" in measuring._about["refused"]["judge vgg16_slim_species"]


def test_a_measure_may_refuse_a_network_and_stays_refused_when_the_run_is_resumed(caplog):
    class Refuses(SelfConfusion):
        def refusal(self, module, channels):
            return None if module.training else f"not for {channels} channels"

    measuring = Measuring(lambda judge: [Refuses("confusion/other"), SelfConfusion()])
    with caplog.at_level("INFO"):
        measuring.begin(Module().eval(), 64, 3)
    assert [measure.name for measure in measuring._measures] == ["confusion/self"]
    assert "confusion/other is left out: not for 3 channels" in caplog.text
    measuring.begin(Module(), 64, 3, earlier=measuring._about["refused"])
    assert [measure.name for measure in measuring._measures] == ["confusion/self"]


def test_an_untrained_copy_is_another_network_and_does_not_change_the_first():
    module = Module()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    fresh = untrained(module, 0)
    drawn, again = fresh.state_dict(), untrained(module, 0).state_dict()
    assert not torch.equal(drawn["net.0.weight"], before["net.0.weight"])
    assert all(torch.equal(tensor, again[name]) for name, tensor in drawn.items())
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize(
    ("measures", "drawn"),
    [
        ([OfImages(Contrast()), SelfConfusion()], 1),
        ([OfImages(Contrast()), Drift()], 0),
        ([Depth(), Drift()], 0),
    ],
    ids=["classes", "images alone", "no renders"],
)
def test_an_untrained_network_is_drawn_only_where_a_measure_compares_classes(measures, drawn):
    asked = []

    def draw(module, seed):
        asked.append(module)
        return torch.rand(len(CLASSES), 3, SIZE, SIZE)

    subject = Subject(torch.rand(len(CLASSES), 3, SIZE, SIZE), None)
    kinds = kinds_of_control(measures, subject, Module(), 0, draw, None)
    assert len(asked) == drawn
    assert set(kinds) == {"noise", "start"} | ({"untrained"} if drawn else set())


def test_controls_of_images_alone_do_not_depend_on_the_sets_that_come_with_them():
    sets = list(torch.rand(3, 4, 3, 64, 64, generator=torch.Generator().manual_seed(0)))
    measures = [OfImages(ClusterEntropy()), OfImages(PhaseEnergy())]
    found = controls(measures, Subject(sets[0], None), {"noise": sets})
    for measure in measures:
        alone = torch.cat([measure.measure(images) for images in sets])
        assert found[measure.name]["noise"]["n"] == 12
        assert found[measure.name]["noise"]["mean"] == pytest.approx(float(alone.mean()), rel=1e-4)
        assert found[measure.name]["noise"]["sd"] == pytest.approx(float(alone.std()), rel=1e-4)


def test_a_measure_that_uses_no_render_has_its_own_controls_alone(tmp_path):
    measuring = Measuring(lambda judge: [Clones("patches"), Clones("real"), SelfConfusion()], real)
    evolve(tmp_path, measuring)
    found = json.loads((tmp_path / "evolution" / "controls.json").read_text())
    assert set(found["clones/patches"]) == {"chance", "real"}
    assert found["clones/patches"]["chance"]["mean"] == 0.5
    last = read_evolution(tmp_path).snapshots[-1]
    assert found["clones/patches"]["real"]["mean"] == pytest.approx(last.measures["clones/real"], abs=1e-4)
    assert "untrained" in found["confusion/self"]
