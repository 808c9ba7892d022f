"""A W&B run ends with numbers to sort by, the page and the figure, also if it failed."""

from pathlib import Path

import numpy as np
import pytest
import wandb
from PIL import Image
from pytorch_lightning.loggers import WandbLogger

from featevo.tracking import final_values as summary
from featevo.tracking.final_values import final_values
from featevo.tracking.trackers import drain, log_end, notify_end
from featevo.tracking.wandb_run import finish, mark_failed, wandb_logger
from tests.wandb_files import read_run

loggers: dict[Path, WandbLogger] = {}
CURVE = "epoch,step,val_acc\n1,10,0.5\n2,20,\n3,30,0.92\n4,40,0.95\n5,50,0.95\n6,60,0.8\n"


@pytest.fixture
def run(make_run):
    """A run folder with a curve, measures in two of its three snapshots, a page and a figure; its W&B run is open."""
    measures = [
        {"complexity": 1.0},
        {"complexity": 0.25, "confusion/self": 0.75, "confusion/judge": 0.5},
        {"recognition/judge": 1.0},
    ]
    folder = make_run(change=lambda entries: [e.update(measures=m) for e, m in zip(entries, measures, strict=True)])
    (folder / "metrics.csv").write_text(CURVE)
    (folder / "report.html").write_text("<!doctype html><html><body>蛙 <script>play()</script></body></html>")
    Image.new("RGB", (30, 20), (200, 100, 50)).save(folder / "evolution.png")
    loggers[folder] = wandb_logger(folder, "project", None, "offline", "name", None, "train", [])
    yield folder
    finish(1)


def test_the_summary_has_the_best_accuracy_and_the_epochs_to_it(run):
    log_end(loggers[run], run)
    finish(0)
    expected = {"best_val_acc": 0.95, "best_epoch": 4, "epochs_to_90": 3}
    expected |= {"final/complexity": 0.25, "final/confusion/self": 0.75}
    summary = read_run(run)["summary"]
    assert expected.items() <= summary.items()
    assert {name for name in summary if name.startswith("final/")} == {"final/complexity", "final/confusion/self"}


def test_values_that_the_record_does_not_have_are_left_out(run):
    (run / "metrics.csv").write_text("epoch,step,val_acc\n1,10,0.899\n")
    assert "epochs_to_90" not in final_values(run)
    assert final_values(run)["best_val_acc"] == 0.899
    (run / "metrics.csv").unlink()
    (run / "evolution" / "index.jsonl").unlink()
    assert final_values(run) == {}


def test_page_and_figure_are_in_the_runs_own_folder(run):
    log_end(loggers[run], run)
    finish(0)
    found = read_run(run)
    (row,) = [row for row in found["history"] if "page" in row]
    page, figure = found["files"] / row["page"]["path"], found["files"] / row["figure"]["path"]
    assert not page.is_symlink()
    assert page.read_bytes() == (run / "report.html").read_bytes()
    with Image.open(figure) as sent, Image.open(run / "evolution.png") as kept:
        assert np.array_equal(np.asarray(sent), np.asarray(kept))


def test_a_failing_attachment_does_not_affect_the_rest(run, monkeypatch, caplog):
    monkeypatch.setattr(summary.wandb, "Html", None)
    notify_end([loggers[run]], run)
    drain([loggers[run]])
    finish(0)
    found = read_run(run)
    assert found["exit_code"] == 0
    assert found["summary"]["best_epoch"] == 4
    assert "WandbLogger.log_end failed" in caplog.text


def test_a_killed_run_gets_its_summary_too(run):
    known = wandb.run
    assert known is not None
    identity: dict[str, str | None] = {"id": known.id, "project": "project", "url": None}
    finish(0)
    mark_failed(run, identity)
    assert read_run(run)["summary"]["epochs_to_90"] == 3
