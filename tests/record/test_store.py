"""The record on disk: names, content, order of writing, provenance (promise 6), change and cutting back."""

import errno
import json
import os
import re
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from PIL import Image as Pillow
from safetensors.torch import load_file, save_file

from featevo.errors import UserError
from featevo.record import store as store_module
from featevo.record.files import slug
from featevo.record.reading import read_evolution
from featevo.record.schema import Image, Snapshot
from featevo.record.store import RunFolder

NAMES = ("tree frog", "pool/table")
PROVENANCE = {"weights": "abc", "seed": 0, "versions": {"torch": "2"}}


def image(unit, **more):
    about: dict[str, Any] = {"probabilities": {1: 0.9, 2: 0.06667, 0: 0.03333}}
    about |= {"values": {"logit": 1.5, "probability": 0.9}}
    about |= {"stopped": "steps", "seed": 0, "seconds": 0.1, "trace": [0.1, 0.5, 1.5], "trace_of": 3}
    return Image(**{"view": "classes", "unit": unit, "file": "", "name": NAMES[unit], **about, **more})


def write(record, epoch=3, step=150, images=None, **settings):
    images = [image(0), image(1)] if images is None else images
    losses: dict[str, Any] = {"val_acc": 0.64, "val_loss": float("nan"), "train_loss": 1.0}
    snapshot = Snapshot(epoch=epoch, step=step, trigger="improvement", **losses, seconds=2.3, provenance=PROVENANCE)
    pixels = torch.full((len(images), 3, 6, 6), 0.25)
    pixels[:, 0, 0, 0] = 1.0
    sources = [PROVENANCE for _ in images]
    return record.append(replace(snapshot, images=images), list(pixels), sources, **settings)


def entries(folder):
    return [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]


def test_files_and_line_are_as_documented(tmp_path):
    write(RunFolder(tmp_path, "an id"), weights={"net.weight": torch.arange(3.0)}, matrices={"self": [[1.0]]})
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "checkpoints/epoch=003.safetensors",
        "evolution/epoch=003/000-tree-frog.png",
        "evolution/epoch=003/001-pool-table.png",
        "evolution/epoch=003/confusion.json",
        "evolution/index.jsonl",
    ]
    (entry,) = entries(tmp_path)
    assert entry.pop("renders")[1] == {
        "view": "classes",
        "unit": 1,
        "name": "pool/table",
        "group": "",
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
        "logged_step": None,
        "seconds": 2.3,
        "view_seconds": {},
        "folder": "epoch=003",
        "training": "an id",
        "error": None,
        "provenance": PROVENANCE,
        "measures": {},
        "measure_seconds": None,
    }
    assert torch.equal(load_file(tmp_path / "checkpoints" / "epoch=003.safetensors")["net.weight"], torch.arange(3.0))


def test_reading_gives_the_written_values(tmp_path):
    record = RunFolder(tmp_path, "an id")
    written = write(record, weights={"net.weight": torch.arange(3.0)})
    (read,) = record.snapshots()
    assert read == replace(written, val_loss=None)
    weights = record.weights(read)
    assert weights is not None
    assert torch.equal(weights["net.weight"], torch.arange(3.0))
    assert record.weights(replace(read, folder="epoch=004")) is None
    assert record.pixels(read).shape == (2, 3, 6, 6)
    assert record.pixels(read)[1, 0, 0, 0] == 1


def test_images_are_lossless_and_contain_their_provenance(tmp_path):
    write(RunFolder(tmp_path))
    with Pillow.open(tmp_path / "evolution" / "epoch=003" / "000-tree-frog.png") as picture:
        pixels = np.asarray(picture)
        source = json.loads(picture.text["featevo"])
    assert pixels.shape == (6, 6, 3)
    assert pixels[0, 0].tolist() == [255, 64, 64]
    assert source == {**PROVENANCE, "epoch": 3, "step": 150, "unit": 0, "name": "tree frog"}


def test_images_of_another_view_lie_in_a_folder_of_its_name(tmp_path):
    record = RunFolder(tmp_path)
    images = [image(0), image(0, view="channels", values={"mean": 2.0}, probabilities={})]
    snapshot = write(record, images=images)
    assert [each.file for each in snapshot.images] == [
        "evolution/epoch=003/000-tree-frog.png",
        "evolution/epoch=003/channels/000-tree-frog.png",
    ]
    with Pillow.open(tmp_path / snapshot.images[1].file) as picture:
        assert json.loads(picture.text["featevo"])["view"] == "channels"
    (read,) = record.snapshots()
    assert [each.values for each in read.of_view("channels")] == [{"mean": 2.0}]
    assert len(read.of_view()) == 1


def test_a_few_real_images_of_each_class_are_written_once(tmp_path):
    """Names and pixels are those of the classes; a record with snapshots keeps its images, also if others are given."""
    record = RunFolder(tmp_path)
    labels = torch.tensor([1, 0, 1, 1, 1, 1])
    images = torch.arange(6).div(10)[:, None, None, None].expand(6, 3, 4, 4)
    record.record_real(images[:3] + 0.3, labels[:3], NAMES)
    record.record_real(images, labels, NAMES)
    write(record)
    record.record_real(1 - images, labels, NAMES)
    folder = tmp_path / "evolution" / "real"
    shown = {path.name: np.asarray(Pillow.open(path)) for path in sorted(folder.iterdir())}
    assert {name: pixels[0, 0, 0] for name, pixels in shown.items()} == {
        "000-tree-frog-0.png": 26,
        "001-pool-table-0.png": 0,
        "001-pool-table-1.png": 51,
        "001-pool-table-2.png": 76,
        "001-pool-table-3.png": 102,
    }
    with Pillow.open(folder / "001-pool-table-3.png") as picture:
        assert json.loads(picture.text["featevo"]) == {"name": "pool/table", "real": True, "unit": 1}


@pytest.mark.parametrize(("classes", "each"), [(100, 4), (150, 2), (500, 1)])
def test_many_classes_have_fewer_real_images(tmp_path, classes, each):
    labels = torch.arange(classes).repeat(5)
    RunFolder(tmp_path).record_real(torch.zeros(len(labels), 1, 1, 1), labels, [str(unit) for unit in range(classes)])
    assert len(list((tmp_path / "evolution" / "real").iterdir())) == classes * each


def test_real_images_are_written_all_or_none(tmp_path, monkeypatch):
    def full(image, path, source):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        if source["unit"]:
            raise OSError("no space left")

    monkeypatch.setattr(store_module, "save_image", full)
    with pytest.raises(OSError, match="no space left"):
        RunFolder(tmp_path).record_real(torch.zeros(2, 3, 4, 4), torch.arange(2), NAMES)
    assert list((tmp_path / "evolution").iterdir()) == []


def test_two_validations_of_one_epoch_are_two_snapshots(tmp_path):
    record = RunFolder(tmp_path)
    folders = [write(record, step=step).folder for step in (120, 150)]
    assert folders == ["epoch=003", "epoch=003-step=0000150"]
    assert len(entries(tmp_path)) == 2


def test_images_without_a_line_do_not_count(tmp_path, monkeypatch):
    """After a crash between images and line, the next attempt uses the same place."""
    record = RunFolder(tmp_path)

    def crash(path, text):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("featevo.record.index.write_text", crash)
        with pytest.raises(KeyboardInterrupt):
            write(record)
    assert record.snapshots() == []
    assert write(record).folder == "epoch=003"


def full_at(monkeypatch, number):
    """The disk is full at the `number`-th file from now on, and has room again after it. Returns the files so far."""
    files: list[str] = []

    def sync(descriptor):
        files.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        if len(files) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("featevo.record.files.os.fsync", sync)
    return files


GRAMS = {name: torch.eye(3) * place for place, name in enumerate(("conv 2", "b", "a", "fc 10", "fc 9"), 1)}
WRITES = (
    *("000-tree-frog.png", "001-pool-table.png", "confusion.json"),
    *("grams.safetensors", "epoch=006.safetensors", "index.jsonl"),
)
MORE: dict[str, Any] = {"epoch": 6, "weights": {"w": torch.ones(1)}, "matrices": {"self": [[0.5]]}, "grams": GRAMS}


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("number", [number for number, name in enumerate(WRITES, 1) if "safetensors" not in name])
def test_a_full_disk_at_any_write_leaves_a_valid_record(tmp_path, monkeypatch, number):
    """The record is as before, the error names the file, and the next attempt succeeds at the same place."""
    record = RunFolder(tmp_path)
    write(record, 3, weights={"w": torch.ones(1)}, matrices={"self": [[1.0]]})
    before = contents(tmp_path)
    with monkeypatch.context() as patched:
        files = full_at(patched, number)
        with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/.*{WRITES[number - 1]}'$"):
            write(record, **MORE)
        assert len(files) == number
    assert contents(tmp_path) == before
    assert [snapshot.epoch for snapshot in read_evolution(tmp_path).snapshots] == [3]
    snapshot = write(record, **MORE)
    assert snapshot.folder == "epoch=006"
    assert [each.epoch for each in read_evolution(tmp_path).snapshots] == [3, 6]
    assert record.pixels(snapshot).shape == (2, 3, 6, 6)
    assert record.weights(snapshot) is not None


def test_a_disk_too_full_for_the_weights_keeps_the_images(tmp_path, monkeypatch, caplog):
    record = RunFolder(tmp_path)
    full_at(monkeypatch, 1 + WRITES.index("epoch=006.safetensors"))
    snapshot = write(record, **MORE)
    assert record.snapshots() == [replace(snapshot, val_loss=None)]
    assert record.pixels(snapshot).shape == (2, 3, 6, 6)
    assert record.weights(snapshot) is None
    (message,) = [each.getMessage() for each in caplog.records]
    assert message.startswith(f"{tmp_path / 'checkpoints' / 'epoch=006.safetensors'} cannot be written; the images are")
    assert not list(tmp_path.glob("checkpoints/*"))


def test_a_disk_too_full_for_gram_matrices_keeps_the_rest(tmp_path, monkeypatch, caplog):
    record = RunFolder(tmp_path)
    full_at(monkeypatch, 1 + WRITES.index("grams.safetensors"))
    snapshot = write(record, **MORE)
    assert record.grams(snapshot) == {}
    assert record.weights(snapshot) is not None
    (message,) = [each.getMessage() for each in caplog.records]
    assert "the images are recorded without these Gram matrices" in message


def test_gram_matrices_are_read_as_written(tmp_path):
    record = RunFolder(tmp_path)
    snapshot = write(record, grams=GRAMS)
    assert (tmp_path / "evolution" / "epoch=003" / "grams.safetensors").is_file()
    assert list(record.grams(snapshot)) == list(GRAMS)
    assert torch.equal(record.grams(snapshot)["fc 9"], 5 * torch.eye(3))
    assert record.grams(write(record, 4)) == {}


BAD_GRAMS = {
    "damaged": (lambda path: path.write_bytes(b"no tensors"), "cannot be read"),
    "cut off": (lambda path: os.truncate(path, 30), "cannot be read"),
    "too large": (lambda path: os.truncate(path, 1 << 25), "is larger than 16,777,216 bytes"),
    "another shape": (lambda path: save_file({"a": torch.ones(3, 4)}, path), "other tensors than square matrices"),
    "whole numbers": (lambda path: save_file({"a": torch.ones(3, 3).int()}, path), "other tensors than square"),
}


@pytest.mark.parametrize(("spoil", "words"), BAD_GRAMS.values(), ids=BAD_GRAMS)
def test_unusable_gram_matrices_are_an_error_of_one_line(tmp_path, spoil, words):
    record = RunFolder(tmp_path)
    snapshot = write(record, grams=GRAMS)
    spoil(tmp_path / snapshot.grams_file)
    with pytest.raises(UserError, match=f"grams.safetensors .*{words}"):
        record.grams(snapshot)


def test_the_writes_of_a_snapshot_are_those_that_are_tested(tmp_path, monkeypatch):
    files = full_at(monkeypatch, 0)
    write(RunFolder(tmp_path), **MORE)
    assert [re.sub(r"^\.(.*)\.\d+\.tmp$", r"\1", name) for name in files] == list(WRITES)


def test_a_failed_snapshot_is_recorded(tmp_path):
    RunFolder(tmp_path).append(Snapshot(epoch=1, step=10, error="RuntimeError: no"))
    (entry,) = entries(tmp_path)
    assert (entry["error"], entry["renders"]) == ("RuntimeError: no", [])


def test_a_change_keeps_unknown_keys(tmp_path):
    record = RunFolder(tmp_path)
    for epoch in (1, 2):
        write(record, epoch, 10 * epoch, matrices={"self": [[1.0]]})
    first, second = entries(tmp_path)
    first["of a later version"] = second["renders"][0]["too"] = [1]
    record.index.write_text("".join(json.dumps(entry) + "\n" for entry in (first, second)))
    record.update(
        lambda snapshot: replace(snapshot, measures={"a": 1.0}) if snapshot.epoch == 1 else None,
        {"epoch=001": {"crops": [[0.5]]}},
    )
    assert entries(tmp_path) == [{**first, "measures": {"a": 1.0}}, second]
    matrices = [json.loads((tmp_path / f"evolution/epoch=00{n}/confusion.json").read_text()) for n in (1, 2)]
    assert matrices == [{"self": [[1.0]], "crops": [[0.5]]}, {"self": [[1.0]]}]


def test_cutting_back_to_a_step_removes_later_snapshots_and_frees_their_places(tmp_path):
    record = RunFolder(tmp_path)
    for epoch in (1, 2, 3):
        write(record, epoch, 10 * epoch, grams=GRAMS)
    (tmp_path / "evolution" / "layers.json").touch()  # relative to epoch 3
    record.truncate_after(20)
    assert [snapshot.epoch for snapshot in record.snapshots()] == [1, 2]
    assert sorted(path.name for path in (tmp_path / "evolution").iterdir()) == ["epoch=001", "epoch=002", "index.jsonl"]
    assert write(record, 3, 30).folder == "epoch=003"


def test_images_that_cannot_be_read_are_named(tmp_path):
    record = RunFolder(tmp_path)
    snapshot = write(record)
    (tmp_path / snapshot.images[1].file).write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"epoch=003/001-pool-table\.png is not a readable PNG"):
        record.pixels(snapshot)


def test_names_become_safe_file_names():
    assert slug("a/b\\..:*?<x> y_z") == "a-b-x-y-z"
    assert slug("ñandú") == "ñandú"
    assert slug("///") == "class"
    assert len(slug("x" * 300)) == 60
    assert slug("𝐀" * 60) == "𝐀" * 45
