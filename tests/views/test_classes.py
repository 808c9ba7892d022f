"""Objectives and starts of a run's renders: log-probability, the mean image, the snapshot before."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from featevo import FeatureEvolutionCallback
from featevo.record.store import RunFolder
from featevo.views.classes import Classes
from featevo.views.optimised import thinned
from featevo.views.view import Context, Network
from featevo.visualize import ClassLogit, Clip, MedianFilter, Operator, Regularizer, maximize
from tests.evolve.parts import CLASSES, SIZE, fit, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]

EXAMPLES = pictures(0, 24).tensors[0]


def run(folder, **settings):
    arguments = {"trigger": "every_epoch", "steps": 4, "image_size": SIZE, **settings}
    fit(folder, [FeatureEvolutionCallback(CLASSES, folder=folder, **arguments)], max_epochs=2)
    return [json.loads(line) for line in (folder / "evolution/index.jsonl").read_text().splitlines()]


def drawn(folder, epoch):
    files = sorted((folder / f"evolution/epoch={epoch:03d}").glob("*.png"))
    return np.stack([np.asarray(Image.open(file)) for file in files]).astype(int)


def test_the_last_start_begins_with_the_images_of_the_previous_snapshot(tmp_path):
    fresh, warm = run(tmp_path / "fresh"), run(tmp_path / "warm", start="last")
    assert fresh[0]["provenance"]["start"] == warm[0]["provenance"]["start"] == "noise"
    assert warm[1]["provenance"]["start"] == "pictures"
    assert np.array_equal(drawn(tmp_path / "fresh", 1), drawn(tmp_path / "warm", 1))
    moved = [np.abs(drawn(tmp_path / kind, 2) - drawn(tmp_path / kind, 1)).mean() for kind in ("fresh", "warm")]
    assert moved[1] != moved[0]
    # Its first objective is that of the previous image with the new weights, not that of noise.
    assert warm[1]["renders"][0]["trace"][0] != pytest.approx(fresh[1]["renders"][0]["trace"][0], rel=1e-3)


def test_the_previous_images_are_those_of_the_record(tmp_path):
    record = RunFolder(tmp_path)
    assert record.last("classes", 3) is None
    run(tmp_path, start="last")
    found = record.last("classes", 3)
    assert found is not None
    assert np.array_equal((found * 255).round().permute(0, 2, 3, 1).numpy(), drawn(tmp_path, 2))
    assert record.last("classes", 4) is None


def test_grey_images_come_back_with_one_channel(tmp_path, make_run):
    folder = make_run(classes=("a", "b"), accuracies=(0.5,))
    for file in folder.glob("evolution/epoch=001/*.png"):
        Image.new("L", (6, 6), 51).save(file)
    found = RunFolder(folder).last("classes", 2)
    assert found is not None
    assert torch.equal(found, torch.full((2, 1, 6, 6), 0.2))


def test_the_mean_start_and_maco_use_the_examples(tmp_path):
    calls = []

    def examples():
        calls.append(True)
        return EXAMPLES

    entries = run(tmp_path / "mean", start="mean", examples=examples)
    assert entries[0]["provenance"]["start"] == "mean"
    assert calls
    run(tmp_path / "maco", regularizer="maco", examples=examples)
    calls.clear()
    run(tmp_path / "paper", examples=examples)
    assert not calls  # reading images costs time


def test_log_probability_is_recorded_and_draws_other_images(tmp_path):
    logit, other = run(tmp_path / "logit"), run(tmp_path / "other", objective="log_probability")
    assert [entry["provenance"]["objective"] for entry in (logit[0], other[0])] == ["ClassLogit", "LogProbability"]
    assert other[0]["renders"][0]["trace"][0] < 0
    assert not np.array_equal(drawn(tmp_path / "logit", 1), drawn(tmp_path / "other", 1))


def test_a_dead_class_is_named(tmp_path, caplog):
    class ZeroGradient(FeatureEvolutionCallback):
        def on_validation_end(self, trainer, pl_module):
            with torch.no_grad():
                pl_module.net[-1].weight[1] = 0
            super().on_validation_end(trainer, pl_module)

    callback = ZeroGradient(CLASSES, SIZE, folder=tmp_path, steps=2, trigger="every_epoch", last_epoch=False)
    fit(tmp_path, [callback], max_epochs=1)
    assert "green: no gradient reaches it, so its image is the start" in caplog.text
    assert "red: no gradient" not in caplog.text
    (line,) = (tmp_path / "evolution/index.jsonl").read_text().splitlines()
    assert [render["stopped"] for render in json.loads(line)["renders"]] == ["steps", "zero gradient", "steps"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"objective": "logits"}, "objective='logits': use one of logit, log_probability"),
        ({"start": "previous"}, "start='previous': use one of noise, mean, last"),
        ({"start": "last", "channels": 4}, "start=last: reads images of 1 or 3 channels from the record, not 4"),
        ({"start": "mean"}, "start=mean uses the statistics of images: give examples"),
        ({"regularizer": "maco"}, "uses the statistics of images: give examples"),
        ({"regularizer": "maco", "examples": torch.rand(2, 3, 5, 5)}, r"needs \(N, 3, 12, 12\)"),
        ({"image_size": 4}, "kernel_size=5: the image is only 4 x 4 pixels"),
    ],
)
def test_wrong_settings_are_refused_before_training(settings, message):
    with pytest.raises(ValueError, match=message):
        FeatureEvolutionCallback(CLASSES, **{"image_size": SIZE, **settings})


def test_a_short_trace_is_kept_completely():
    """Also of two hundred steps: the record adds no jumps."""
    trace = tuple(float(i % 4 + 1 / 3) for i in range(256))
    found = thinned(trace, period=4)
    assert found["trace"] == [pytest.approx(value, abs=1e-5) for value in trace]
    assert (found["trace_of"], found["trace_every"]) == (256, 1)
    assert thinned((1.0, 1.23456789))["trace"] == [1.0, 1.23457]
    assert thinned(()) == {"trace": [], "trace_of": 0, "trace_every": 1}


@pytest.mark.parametrize("period", [1, 4, 7, 12])
@pytest.mark.parametrize("steps", [257, 512, 1000, 1003, 4096])
def test_a_long_trace_is_thinned_at_one_place_of_the_filters_period(steps, period):
    found = thinned(tuple(float(i) for i in range(steps)), period)
    first, *others = found["trace"]
    assert 20 < len(found["trace"]) <= 256
    assert (first, others[-1], found["trace_of"]) == (0, steps - 1, steps)
    assert {place % period for place in others} == {(steps - 1) % period}
    assert others == [*range(steps - 1, 0, -found["trace_every"])][::-1]


def test_the_record_uses_the_operators_period():
    """With a real regularizer: every sixth step has the same operators."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 6 * 6, 2))
    filters: dict[str, Operator] = {"median": MedianFilter(3, every=2), "clip": Clip(every=3)}
    settings = {"steps": 300, "seed": 0, "regularizer": Regularizer(filters), "examples": None}
    (drawn, _) = Classes("logit", "noise", settings).draw(Network(net, ("a", "b"), 6), [0, 1], Context())
    assert (drawn.image.trace_of, drawn.image.trace_every) == (300, 6)
    (render, _) = maximize(net, ClassLogit([0, 1]), image_size=6, steps=300, regularizer=Regularizer(filters))
    assert drawn.image.trace[1:] == pytest.approx(render.trace[5::6], rel=1e-5)
    assert drawn.image.trace[0] == pytest.approx(render.trace[0], rel=1e-5)
