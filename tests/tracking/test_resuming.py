"""A run that was killed and resumed is one run in each tracker, with each point once, whatever the tracker had."""

import csv
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import wandb
from hydra import compose, initialize_config_dir
from mlflow import MlflowClient
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, MLFlowLogger, WandbLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from featevo.app.paths import CONF
from featevo.app.schemas import register
from featevo.app.trainer import build_trackers
from featevo.record.store import RunFolder
from featevo.tracking import points
from featevo.tracking.catch_up import catch_up
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.points import known_points, points_of
from featevo.tracking.reopening import identities, identity, of_wandb, reopening
from featevo.tracking.trackers import drain, guarded, notify
from featevo.tracking.wandb_files import repair
from featevo.tracking.wandb_run import finish
from tests.evolve.parts import CLASSES, SIZE
from tests.tracking.interrupted import STEPS, logs_epoch
from tests.tracking.parts import MEASURES, made, snapshot_of
from tests.wandb_files import read_run

KINDS = ("wandb", "tensorboard", "mlflow", "csv")
IMAGES = ("evolution/grid", *(f"features/{name}" for name in CLASSES))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run that was killed, and resumed for epochs 4 and 5; the trackers go on with their runs."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        # Without the address of this process's W&B service, which would hold the run open.
        own = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
        killed = subprocess.run([sys.executable, "-m", "tests.tracking.interrupted", folder, *KINDS], cwd=ROOT, env=own)
        assert killed.returncode == -9
        tear(folder)
        before = json.loads((folder / "run.json").read_text())["trackers"]
        loggers = [made(kind, folder, before) for kind in KINDS]
        assert [known["kind"] for known in before] == list(KINDS)
        assert identities(loggers) == before
        loggers = [guarded(logger, points_of(logger)) for logger in loggers]
        RunFolder(folder).record_real(torch.rand(3, 3, SIZE, SIZE), torch.arange(3), CLASSES)
        catch_up(loggers, folder)
        for logger in loggers:
            logger.log_hyperparams({"trainer": {"max_epochs": 5}})
        for epoch in (4, 5):
            logs_epoch(loggers, epoch)
            notify(loggers, snapshot_of(folder, measures=MEASURES, epoch=epoch), STEPS * epoch - 1)
        for logger in loggers:
            logger.finalize("success")
        drain(loggers)
        finish(0)
    return folder


def tear(folder):
    """Cut the files of trackers off within a record, as a machine that loses its power does."""
    (events,) = (folder / "tensorboard").glob("events.*")
    (run,) = folder.glob("wandb/offline-run-*/*.wandb")
    with events.open("ab") as file:
        file.write(events.read_bytes()[8:30])
    with run.open("ab") as file:
        file.write(b"\0\0\0\0\xff\x01\x01" + b"x" * 255)
        file.truncate(file.tell() - 200)
    with (folder / "csv" / "metrics.csv").open("a") as file:
        file.write("0.4,3")


EXPECTED = Counter(
    [(metric, STEPS * epoch - 1) for epoch in (1, 2, 3, 4, 5) for metric in ("val_acc", "train_loss")]
    # The record has the learning rate of the missing epoch 3, and does not know that it was logged at its start.
    + [("lr", step) for step in (0, 10, 29, 30, 40)]
    + [(measure, STEPS * epoch - 1) for epoch in (2, 3, 4, 5) for measure in MEASURES]
)
EXPECTED_IMAGES = Counter((key, STEPS * epoch - 1) for epoch in (2, 3, 4, 5) for key in IMAGES)
EXPECTED_IMAGES["evolution/real", STEPS * 2 - 1] = 1  # with the first snapshot


def test_wandb_offline_has_each_point_once_in_one_run(run):
    found = read_run(run)
    rows = found["history"]
    assert len(list(run.glob("wandb/offline-run-*"))) == 2
    seen = Counter((key, row["trainer/global_step"]) for row in rows for key in row if key[0] != "_")
    without = ("epoch", "trainer/global_step")
    assert Counter({point: count for point, count in seen.items() if point[0] not in without}) == (
        EXPECTED + EXPECTED_IMAGES
    )
    assert all(row["epoch"] == row["trainer/global_step"] // STEPS + 1 for row in rows if "epoch" in row)
    assert [row["_step"] for row in rows] == list(range(len(rows))), "`wandb sync` would replace rows of equal steps"
    assert found["config"]["trainer"] == {"max_epochs": 5}
    assert found["exit_code"] == 0


def test_wandb_has_no_file_with_half_a_record(run):
    """`wandb sync` stops at one, and leaves out all later files of the run."""
    for path in run.glob("wandb/offline-run-*/*.wandb"):
        before = path.read_bytes()
        repair(path)
        assert path.read_bytes() == before


def test_tensorboard_has_each_point_once(run):
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"images": 0, "scalars": 0}).Reload()
    scalars = Counter((tag, event.step) for tag in events.Tags()["scalars"] for event in events.Scalars(tag))
    assert Counter({point: count for point, count in scalars.items() if point[0] != "epoch"}) == EXPECTED
    images = Counter((tag, event.step) for tag in events.Tags()["images"] for event in events.Images(tag))
    assert images == EXPECTED_IMAGES


def test_mlflow_has_each_point_once_and_the_run_has_ended(run):
    client = MlflowClient((run / "mlruns").as_uri())
    experiment = client.get_experiment_by_name("featevo")
    assert experiment is not None
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.status == "FINISHED"
    assert found.data.params == {"trainer/max_epochs": "4"}, "parameters of MLflow cannot change"
    metrics = {key: client.get_metric_history(found.info.run_id, key) for key in found.data.metrics}
    seen = Counter((key, point.step) for key, history in metrics.items() for point in history if key != "epoch")
    assert seen == EXPECTED
    files = [Path(file.path).name for file in client.list_artifacts(found.info.run_id, "images")]
    parts = [name.split("+") for name in files if name.endswith(".png")]
    assert Counter((key.replace("~", "/"), int(step)) for key, _, step, *_ in parts) == EXPECTED_IMAGES


def test_csv_has_each_point_once(run):
    with (run / "csv" / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells = Counter((key, int(row["step"])) for row in rows for key, cell in row.items() if cell)
    assert Counter({point: n for point, n in cells.items() if point[0] not in ("epoch", "step")}) == EXPECTED


def test_images_that_were_missing_are_the_recorded_ones(run):
    found = read_run(run)
    (row,) = [row for row in found["history"] if row["trainer/global_step"] == 29 and "evolution/grid" in row]
    for unit, name in enumerate(CLASSES):
        (sent,) = run.glob(f"wandb/offline-run-*/files/{row[f'features/{name}']['path']}")
        (kept,) = run.glob(f"evolution/epoch=003/{unit:03d}-*.png")
        with Image.open(sent) as one, Image.open(kept) as other:
            assert np.array_equal(np.asarray(one), np.asarray(other))


@pytest.fixture
def _closed():
    yield
    finish(0)


@pytest.mark.usefixtures("_closed")
def test_a_wandb_run_of_which_nothing_reached_the_disk_does_not_hinder_its_upload(tmp_path):
    """`wandb sync` refuses a file without records together with the files after it."""
    file = tmp_path / "wandb" / "offline-run-20260101_000000-abc12345" / "run-abc12345.wandb"
    file.parent.mkdir(parents=True)
    file.write_bytes(b":W&B\xe1\xbe\0")
    logger = made("wandb", tmp_path, [{"kind": "wandb", "id": "abc12345", "project": "featevo", "url": None}])
    logger.log_metrics({"val_acc": 0.5}, 9)
    finish(0)
    assert [path.name for path in file.parent.iterdir()] == ["run-abc12345.wandb.empty"]
    found = read_run(tmp_path)
    assert found["id"] == "abc12345"
    assert [row["_step"] for row in found["history"]] == [0]


@pytest.mark.usefixtures("_closed")
@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("wandb", {"id": "../../victim"}),
        ("wandb", {"id": ["a"]}),
        ("mlflow", {"id": "../../victim"}),
        ("mlflow", {"id": "0" * 32}),
        ("mlflow", {}),
        ("tensorboard", {"version": "../../victim", "folder": "/"}),
        ("csv", {"version": "/victim"}),
    ],
)
def test_an_earlier_run_that_cannot_be_continued_is_one_warning_and_a_new_run(
    tmp_path, monkeypatch, caplog, kind, entry
):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / "a" / "run"
    logger = guarded(made(kind, folder, [{"kind": kind, **entry}]))
    logger.log_metrics({"val_acc": 0.5}, 9)
    logger.finalize("success")
    drain([logger])
    known = identity(logger)
    assert known is not None
    assert known.get("id", known.get("version")) not in entry.values()
    finish(0)
    assert ("val_acc", 9) in known_points(made(kind, folder, [known]))
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING][:1]
    assert "its run cannot be continued" in warning
    assert "a new run begins" in warning
    assert caplog.text.count("cannot be continued") == 1
    assert not list(tmp_path.rglob("*victim*"))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_tracker_that_cannot_be_opened_at_all_does_not_end_a_training_that_goes_on(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://server")
    with pytest.raises(ValueError, match="unpack"):
        made("mlflow", tmp_path, [{"kind": "mlflow", "id": "0" * 32}])  # no logger is left
    assert caplog.text.count("cannot be continued") == 2
    assert "training goes on without" in caplog.text


def test_a_deleted_mlflow_run_is_not_continued(tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    logger = made("mlflow", tmp_path)
    before = identity(logger)
    assert before is not None
    logger.experiment.delete_run(logger.run_id)
    after = identity(made("mlflow", tmp_path, [before]))
    assert after is not None
    assert after["id"] != before["id"]
    assert "was deleted" in caplog.text


def test_a_new_run_in_place_of_the_earlier_one_gets_the_whole_record(tmp_path):
    table = MetricsTable(tmp_path)
    logs_epoch([table], 1)
    snapshot_of(tmp_path, measures=MEASURES, epoch=1)
    logger = made("tensorboard", tmp_path, [])
    catch_up([table, guarded(logger, points_of(logger))], tmp_path)
    drain([logger])
    logger.experiment.flush()
    images = {(key, 9) for key in IMAGES}
    assert known_points(logger) == {(key, 9) for key in ("lr", "val_acc", "train_loss", "epoch", *MEASURES)} | images


def test_trackers_of_the_users_go_on_too(tmp_path):
    """With a folder that Lightning numbers, and a prefix."""
    target = "pytorch_lightning.loggers"
    given = f"{{save_dir: {tmp_path}/logs, name: mine, prefix: net}}"
    overrides = [f"trainer.logger=[{{_target_: {target}.{kind}, {given[1:-1]}}}]" for kind in ("CSVLogger",)]
    (first,) = build(overrides, tmp_path)
    assert isinstance(first, CSVLogger)
    guarded(first).log_metrics({"val_acc": 0.5}, 9)
    first.save()
    drain([first])
    (second,) = build(overrides, tmp_path, identities([first]))
    assert second.log_dir == first.log_dir
    guarded(second, points_of(second))
    for step in (9, 19):
        second.log_metrics({"val_acc": 0.5}, step)
    second.save()
    drain([second])
    assert Path(second.log_dir, "metrics.csv").read_text() == "net-val_acc,step\n0.5,9\n0.5,19\n"


def build(overrides, folder, earlier=None):
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return build_trackers(compose("train", ["logger=none", *overrides]), folder, earlier)


def test_a_run_that_was_offline_stays_so(monkeypatch):
    """Its earlier files are on this machine alone: a part that is online would come before them."""
    wandb_logger = "featevo.tracking.wandb_run.wandb_logger"
    assert reopening(wandb_logger, [{"kind": "wandb", "id": "a", "url": None}]) == {"id": "a", "mode": "offline"}
    assert reopening(wandb_logger, [{"kind": "wandb", "id": "a", "url": "https://x"}]) == {"id": "a"}
    assert reopening(wandb_logger, [{"kind": "csv", "version": ""}, 3, None]) == {}


class Online:
    """What W&B's API gives for a run that was resumed."""

    offline, disabled, resumed, id, path = False, False, True, "abc", "me/project/abc"

    def run(self, path):
        assert path == self.path
        return self

    def scan_history(self):
        yield {"_step": 0, "val_acc": 0.5, "lr": None, "trainer/global_step": 9}
        yield {"_step": 1, "page": {"path": "page.html"}, "trainer/global_step": None}


def test_the_points_of_a_wandb_run_online_come_from_its_server(monkeypatch):
    online: Any = Online()
    logger = WandbLogger(experiment=online)
    monkeypatch.setattr(points.wandb, "Api", lambda timeout: online)
    assert ("val_acc", 9) in known_points(logger)
    assert not {key for key, _ in known_points(logger)} & {"lr", "page"}


def test_points_that_cannot_be_read_are_one_warning(monkeypatch, caplog):
    def fail(timeout):
        raise wandb.errors.CommError("no answer")

    online: Any = Online()
    monkeypatch.setattr(points.wandb, "Api", fail)
    assert points_of(WandbLogger(experiment=online)) == frozenset()
    assert caplog.messages == [
        "WandbLogger: what it has cannot be read (CommError: no answer); it may get some points twice"
    ]


def test_an_address_is_kept_without_its_password():
    logger = MLFlowLogger(tracking_uri="https://me:secret@server:5000/path")
    logger._initialized, logger._run_id, logger._experiment_id = True, "a", "1"
    assert identity(logger) == {"kind": "mlflow", "id": "a", "project": "1", "uri": "https://server:5000/path"}


def test_the_first_wandb_run_is_kept_as_before():
    known = {"kind": "wandb", "id": "a", "project": "p", "entity": None, "url": None}
    assert of_wandb([{"kind": "csv", "version": ""}, known]) == {"id": "a", "project": "p", "url": None}
    assert of_wandb([]) is None
