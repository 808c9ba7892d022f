"""The record on disk: names, content, order of writing, provenance (promise 6), and pixels."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from featevo.evolve.moment import Moment
from featevo.record import store as record_module
from featevo.record.store import Record, highest, slug, thinned, to_uint8
from featevo.visualize import ClassLogit, Clip, MedianFilter, Operator, Regularizer, Render, maximize

NAMES = ("tree frog", "pool/table")
PROVENANCE = {"weights": "abc", "seed": 0, "versions": {"torch": "2"}}


def render(unit, value=0.25, channels=3):
    image = torch.full((channels, 6, 6), value)
    image[0, 0, 0] = 1.0
    return Render(
        image,
        unit,
        copy=0,
        value=1.5,
        logit=1.5,
        probability=0.9,
        probabilities=torch.tensor([1 / 30, 0.9, 2 / 30]),
        trace=(0.1, 0.5, 1.5),
        stopped="steps",
        remedy=None,
        seed=0,
        seconds=0.1,
        settings={},
        weights="abc",
    )


def write(record, epoch=3, step=150, **settings):
    moment = Moment(epoch, step, "improvement", val_acc=0.64, val_loss=float("nan"), train_loss=1.0)
    return record.write(moment, [render(0), render(1)], PROVENANCE, seconds=2.3, **settings)


def test_files_and_line_are_as_documented(tmp_path):
    write(Record(tmp_path, NAMES, "an id"), weights={"net.weight": torch.arange(3.0)})
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "checkpoints/epoch=003.safetensors",
        "evolution/epoch=003/000-tree-frog.png",
        "evolution/epoch=003/001-pool-table.png",
        "evolution/index.jsonl",
    ]
    (line,) = (tmp_path / "evolution" / "index.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert entry.pop("renders")[1] == {
        "view": "classes",
        "unit": 1,
        "name": "pool/table",
        "file": "evolution/epoch=003/001-pool-table.png",
        "logit": 1.5,
        "probability": 0.9,
        "probabilities": {"1": 0.9, "2": 0.06667, "0": 0.03333},
        "stopped": "steps",
        "seed": 0,
        "seconds": 0.1,
        "trace": [0.1, 0.5, 1.5],
        "trace_of": 3,
        "trace_every": 1,
        "measures": {},
    }
    assert entry.pop("measure_seconds") == 0
    assert entry == {
        "schema": 1,
        "epoch": 3,
        "step": 150,
        "trigger": "improvement",
        "val_acc": 0.64,
        "val_loss": None,
        "train_loss": 1.0,
        "monitor": None,
        "value": None,
        "seconds": 2.3,
        "folder": "epoch=003",
        "training": "an id",
        "error": None,
        "provenance": PROVENANCE,
        "measures": {},
    }
    assert torch.equal(load_file(tmp_path / "checkpoints" / "epoch=003.safetensors")["net.weight"], torch.arange(3.0))


def test_pictures_are_lossless_and_say_where_they_come_from(tmp_path):
    write(Record(tmp_path, NAMES))
    with Image.open(tmp_path / "evolution" / "epoch=003" / "000-tree-frog.png") as picture:
        pixels = np.asarray(picture)
        source = json.loads(picture.text["featevo"])
    assert pixels.shape == (6, 6, 3)
    assert pixels[0, 0].tolist() == [255, 64, 64]
    assert source == {**PROVENANCE, "epoch": 3, "step": 150, "unit": 0, "name": "tree frog"}


def test_rounding_is_to_the_nearest_and_grey_stays_grey():
    values = torch.tensor([-0.2, 0.0, 0.498, 0.5, 0.999, 1.0, 1.7]).view(1, 1, 7)
    assert to_uint8(values).tolist() == [[0, 0, 127, 128, 255, 255, 255]]
    assert to_uint8(values.expand(3, 1, 7)).shape == (1, 7, 3)


def test_other_numbers_of_channels_are_a_square_of_planes(tmp_path):
    image = torch.rand(5, 6, 6)
    pixels = to_uint8(image)
    assert pixels.shape == (18, 18)
    planes = [pixels[6 * row : 6 * row + 6, 6 * column : 6 * column + 6] for row in range(3) for column in range(3)]
    assert np.array_equal(np.stack(planes[:5]), (image * 255).round().numpy())
    assert not np.stack(planes[5:]).any()
    record = Record(tmp_path, NAMES)
    entry = record.write(Moment(1, 1, "improvement"), [render(0, channels=5)], PROVENANCE, seconds=0.1).entry
    with Image.open(tmp_path / entry["renders"][0]["file"]) as picture:
        assert picture.size == (18, 18)


def test_two_validations_of_one_epoch_are_two_snapshots(tmp_path):
    record = Record(tmp_path, NAMES)
    folders = [write(record, step=step).entry["folder"] for step in (120, 150)]
    assert folders == ["epoch=003", "epoch=003-step=0000150"]
    assert len(record.lines()) == 2


def test_pictures_without_a_line_do_not_count(tmp_path, monkeypatch):
    """A crash between pictures and line: the next try takes the same place."""
    record = Record(tmp_path, NAMES)

    def crash(path, text):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(record_module, "write_text", crash)
        with pytest.raises(KeyboardInterrupt):
            write(record)
    assert record.lines() == []
    assert write(record).entry["folder"] == "epoch=003"


def test_a_failed_snapshot_is_on_record(tmp_path):
    record = Record(tmp_path, NAMES)
    record.write(Moment(1, 10, "improvement"), [], PROVENANCE, seconds=0.1, error="RuntimeError: no")
    entry = json.loads(record.lines()[0])
    assert entry["error"] == "RuntimeError: no"
    assert entry["renders"] == []


def test_names_become_safe_file_names():
    assert slug("a/b\\..:*?<x> y_z") == "a-b-x-y-z"
    assert slug("ñandú") == "ñandú"
    assert slug("///") == "class"
    assert len(slug("x" * 300)) == 60


def test_a_trace_is_kept_whole():
    """Also the two hundred steps of a long drawing: no jump of the record's is one of its own making."""
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


def test_a_filters_period_is_known_to_the_record(tmp_path):
    """From the regularizer of a real drawing: the filters fall every sixth step at the same place."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 6 * 6, 2))
    filters: dict[str, Operator] = {"median": MedianFilter(3, every=2), "clip": Clip(every=3)}
    drawn = maximize(net, ClassLogit([0, 1]), image_size=6, steps=300, regularizer=Regularizer(filters))
    entry = Record(tmp_path, NAMES).write(Moment(1, 10, "improvement"), drawn, PROVENANCE, seconds=1.0).entry
    written = entry["renders"][0]
    assert (written["trace_of"], written["trace_every"]) == (300, 6)
    assert written["trace"][1:] == pytest.approx(drawn[0].trace[5::6], rel=1e-5)
    assert written["trace"][0] == pytest.approx(drawn[0].trace[0], rel=1e-5)


def test_of_many_classes_the_highest_probabilities_are_kept():
    kept = highest(torch.linspace(0, 1, 1000), most=3)
    assert kept == {"999": 1.0, "998": 0.999, "997": 0.998}
    assert highest(None) == {}
