"""`problems_of` names every fault of a record, in one line each, and none of a whole one."""

import json
import os

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from featevo.errors import UserError
from featevo.record.check import problems_of


@pytest.fixture
def run(make_run):
    """A whole record: three snapshots with weights, real images, numbers."""
    folder = make_run(real=2)
    (folder / "checkpoints").mkdir()
    for epoch in (1, 2, 3):
        save_file({"a": torch.zeros(3)}, folder / f"checkpoints/epoch=00{epoch}.safetensors")
    (folder / "evolution" / "epoch=001" / "confusion.json").write_text("{}")
    save_file({"a": torch.eye(3)}, folder / "evolution" / "epoch=001" / "grams.safetensors")
    (folder / "evolution" / "layers.json").write_text("{}")
    (folder / "evolution" / "controls.json").write_text("{}")
    (folder / "evolution" / "transfer.json").write_text("{}")
    (folder / "metrics.csv").write_text("epoch,step,val_acc\n1,50,0.25\n2,100,\n3,150,nan\n")
    (folder / "report.html").touch()
    return folder


def edited(change):
    def spoil(run):
        path = run / "evolution" / "index.jsonl"
        entries = [json.loads(line) for line in path.read_text().splitlines()]
        change(entries)
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))

    return spoil


def written(file, content):
    def spoil(run):
        (run / file).parent.mkdir(exist_ok=True)
        (run / file).write_bytes(content)

    return spoil


def more(text):
    def spoil(run):
        path = run / "evolution" / "index.jsonl"
        path.write_text(path.read_text() + text)

    return spoil


def cut_letter(run):
    with (run / "evolution" / "index.jsonl").open("ab") as file:
        file.write('{"name": "é'.encode()[:-1])


def fifo(file):
    def spoil(run):
        (run / file).unlink()
        os.mkfifo(run / file)

    return spoil


def linked(file):
    def spoil(run):
        (run / file).unlink(missing_ok=True)
        (run / file).symlink_to("/etc/hostname")

    return spoil


PICTURE, WEIGHTS = "evolution/epoch=002/001.png", "checkpoints/epoch=002.safetensors"
FAULTS = {
    "no epoch": (edited(lambda e: e[1].pop("epoch")), "evolution/index.jsonl, line 2: not a snapshot"),
    "half a line": (more('{"ep'), "index.jsonl, line 4: not JSON"),
    "half a letter": (cut_letter, "index.jsonl, line 4: not UTF-8"),
    "no object": (more("[]"), "index.jsonl, line 4: not a snapshot"),
    "newer": (edited(lambda e: e[0].update(schema=9)), "line 1: schema 9 was written by a newer featevo"),
    "order": (edited(lambda e: e.reverse()), "line 2: out of order, epoch 2, step 100 after epoch 3, step 150"),
    "step": (edited(lambda e: e[1].update(epoch=1, step=3)), "line 2: out of order, epoch 1, step 3 after epoch 1"),
    "twice": (edited(lambda e: e.append(e[2])), "line 4: folder epoch=003 is another snapshot's"),
    "folder": (edited(lambda e: e[2].update(folder="../x")), "line 3: folder '../x' is not the name of a folder"),
    "index fifo": (fifo("evolution/index.jsonl"), "evolution/index.jsonl is not a regular file"),
    "index text": (written("evolution/index.jsonl", b"\xff"), "evolution/index.jsonl, line 1: not UTF-8"),
    "picture gone": (lambda run: (run / PICTURE).unlink(), f"{PICTURE} is missing"),
    "picture broken": (written(PICTURE, b"x"), f"{PICTURE} is not a readable PNG"),
    "picture elsewhere": (edited(lambda e: e[0]["renders"][0].update(file="/etc/hostname")), "hostname is not inside"),
    "picture fifo": (fifo(PICTURE), f"{PICTURE} is not a regular file"),
    "weights cut": (lambda run: os.truncate(run / WEIGHTS, 70), f"{WEIGHTS} cannot be loaded"),
    "weights empty": (written(WEIGHTS, b""), f"{WEIGHTS} cannot be loaded"),
    "weights fifo": (fifo(WEIGHTS), f"{WEIGHTS} is not a regular file"),
    "weights elsewhere": (linked(WEIGHTS), f"{WEIGHTS} is not inside"),
    "cells": (written("metrics.csv", b"epoch,val_acc\n1\n"), "metrics.csv, line 2: 1 cells, the first line has 2"),
    "number": (written("metrics.csv", b"epoch,val_acc\n1,a\n"), "metrics.csv, line 2: val_acc is no number ('a')"),
    "epoch": (written("metrics.csv", b"epoch,val_acc\n1.5,1\n"), "line 2: epoch is no whole number ('1.5')"),
    "rows": (
        written("metrics.csv", b"epoch,val_acc\n2,1\n2,1\n"),
        "metrics.csv, line 3: out of order, epoch 2 after 2",
    ),
    "no epochs": (written("metrics.csv", b"val_acc\n1\n"), "metrics.csv: its first line has no epoch"),
    "field": (written("metrics.csv", b"epoch\n" + b"9" * 200_000), "metrics.csv: cannot be read (field larger than"),
    "run cut": (written("run.json", b'{"a'), "run.json: not JSON"),
    "run list": (written("run.json", b"[]"), "run.json: not a JSON object"),
    "run number": (written("run.json", b'{"a": 1' + b"0" * 400 + b"}"), "run.json has a number of 401 digits"),
    "run deep": (written("run.json", b"[" * 100_000), "run.json is nested more than 64 levels deep"),
    "status": (written("run.json", b'{"status": 7}'), "run.json: status 7; there are finished, failed, interrupted"),
    "matrices": (written("evolution/epoch=001/confusion.json", b"["), "epoch=001/confusion.json: not JSON"),
    "controls": (written("evolution/controls.json", b"3"), "evolution/controls.json: not a JSON object"),
    "layers": (written("evolution/layers.json", b"[]"), "evolution/layers.json: not a JSON object"),
    "grams": (written("evolution/epoch=001/grams.safetensors", b""), "epoch=001/grams.safetensors cannot be loaded"),
    "grams elsewhere": (linked("evolution/epoch=001/grams.safetensors"), "grams.safetensors is not inside"),
    "more grams": (written("evolution/epoch=009/grams.safetensors", b""), "is in no snapshot of the index"),
    "left over": (written("evolution/.index.jsonl.7.tmp", b""), ".index.jsonl.7.tmp is left over"),
    "link": (linked("evolution/real/x.png"), "evolution/real/x.png is not inside"),
    "more pictures": (written("evolution/epoch=003/9.png", b""), "epoch=003/9.png is in no snapshot of the index"),
    "more weights": (written("checkpoints/epoch=009.safetensors", b""), "epoch=009.safetensors is in no snapshot"),
}


@pytest.mark.parametrize(("spoil", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named(run, spoil, words):
    spoil(run)
    problems = problems_of(run)
    assert any(words in problem for problem in problems), problems
    assert not [problem for problem in problems if "\n" in problem]


def test_a_whole_record_has_no_problem(run, tmp_path):
    assert problems_of(run) == []
    (run / "wandb").mkdir()
    (run / "wandb" / "debug.log").symlink_to("/nowhere")
    (tmp_path / "link").symlink_to(run)
    assert problems_of(tmp_path / "link") == []
    Image.new("L", (2, 2)).save(run / PICTURE)
    (run / "run.json").unlink()
    (run / "metrics.csv").unlink()
    assert problems_of(run) == []


def test_all_problems_are_named(run):
    (run / PICTURE).unlink()
    (run / WEIGHTS).write_bytes(b"")
    (run / "metrics.csv").write_bytes(b"")
    (run / "run.json").write_bytes(b"")
    assert len(problems_of(run)) == 4


def test_a_folder_without_a_run_is_an_error(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UserError, match="is not a run folder"):
            problems_of(folder)
