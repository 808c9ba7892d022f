"""Test metrics of a checkpoint: those of training where the data is the same, and checked by hand."""

import csv
import json
import shutil

import numpy as np
import pytest
import torch

from featevo.app.evaluate import evaluate
from featevo.commands.evaluate import main
from featevo.errors import UserError
from tests.processes import SMALL, command

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore:.*does not have many workers")]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with all validation images, two epochs, and a scheduler."""
    folder = tmp_path_factory.mktemp("evaluate")
    more = ["trainer.max_epochs=2", "trainer.limit_val_batches=1.0", "logger=none", "evolution=off", "scheduler=cosine"]
    done = command(folder, *SMALL, *more, "hydra.run.dir=run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_the_numbers_are_those_of_training(run):
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    found = evaluate(run / "checkpoints" / "last.ckpt")
    assert found.accuracy == pytest.approx(float(rows[-1]["val_acc"]), abs=1e-6)
    assert found.loss == pytest.approx(float(rows[-1]["val_loss"]), rel=1e-5)
    best = max(float(row["val_acc"]) for row in rows)
    assert evaluate(run).accuracy == pytest.approx(best, abs=1e-6)


def test_accuracy_recall_and_confusion_agree(run):
    found = evaluate(run)
    cells = np.array(found.confusion)
    assert cells.sum() == found.images
    assert found.accuracy == pytest.approx(np.trace(cells) / cells.sum())
    assert found.recall == pytest.approx((cells.diagonal() / cells.sum(1)).tolist())
    assert found.top5 is None  # of four classes
    assert 0 <= found.calibration_error <= 1


def test_other_data_is_evaluated(run):
    assert evaluate(run, ["data.source.val_per_class=3"]).images == 12


def test_the_learning_rate_followed_the_schedule(run):
    content = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    (schedule,) = content["lr_schedulers"]
    assert (schedule["T_max"], schedule["last_epoch"]) == (2, 2)
    assert content["optimizer_states"][0]["param_groups"][0]["lr"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing"], "nothing: there is no such checkpoint or run folder"),
        (["run", "model=vgg16"], "model=vgg16: the rest is as it was trained; only data.KEY may change"),
        (["run", "data.colour=1"], "data.colour=1: data.colour: there is no such key in data; there are name, root"),
        (["run/metrics.csv"], "is not in the folder checkpoints of a run"),
        (
            ["run/checkpoints"],
            "config.yaml was looked for in .hydra and not found, so its network cannot be built; in a",
        ),
        (["without"], "has neither checkpoints/best.ckpt nor checkpoints/last.ckpt"),
        (["other/checkpoints/best.ckpt"], "neither a safetensors nor a torch file"),
    ],
)
def test_mistakes_are_one_line(run, monkeypatch, capsys, words, message):
    monkeypatch.chdir(run.parent)
    if not (run.parent / "other").exists():
        shutil.copytree(run, run.parent / "other")
        (run.parent / "other" / "checkpoints" / "best.ckpt").write_bytes(b"nonsense")
        shutil.copytree(run / ".hydra", run.parent / "without" / ".hydra")
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_text_and_json(run, capsys):
    assert main([str(run)]) == 0
    text = capsys.readouterr().out
    assert "accuracy" in text
    assert text.count("\n") == 4 + 4
    assert main([str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"][0] == "tree frog"


def test_a_run_of_others_builds_nothing_of_theirs(run, tmp_path):
    shutil.copytree(run, tmp_path / "theirs")
    file = tmp_path / "theirs" / ".hydra" / "config.yaml"
    file.write_text(file.read_text().replace("torch.optim.AdamW", "os.system"))
    with pytest.raises(UserError, match="is not a part of featevo"):
        evaluate(tmp_path / "theirs")
