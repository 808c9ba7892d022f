"""Trackers are notified after the record and do not disturb it; W&B's offline files hold the recorded images."""

import csv
import io
import json
import logging
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, Logger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.figures.grid import arrange, grid_size
from featevo.record.files import finite
from featevo.record.images import to_uint8
from featevo.record.schema import as_entry
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.trackers import caption, drain, guarded, log_snapshot, notify
from featevo.tracking.wandb_run import finish, wandb_logger
from featevo.views.snapshotter import Taken
from tests.evolve.parts import CLASSES, SIZE, Module, fit
from tests.tracking.parts import MEASURES, NAMES, WITHHELD, made, snapshot_of, without_probability
from tests.wandb_files import read_run

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


def evolution(folder, **settings):
    return FeatureEvolutionCallback(CLASSES, SIZE, trigger="every_epoch", steps=3, folder=folder, **settings)


def lines(folder):
    return [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def wandb_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    logger = wandb_logger(folder, "project", None, "offline", "a run", "a group", "train", ["a", "b"])
    guarded(logger).log_hyperparams({"data": {"num_classes": 3}, "seed": 1})
    fit(folder, [evolution(folder)], logger=[MetricsTable(folder), logger], max_epochs=2)
    drain([logger])
    finish(0)
    return folder, read_run(folder)


def test_wandb_has_the_runs_name_and_configuration(wandb_run):
    _, run = wandb_run
    assert (run["name"], run["project"], run["group"], run["job_type"]) == ("a run", "project", "a group", "train")
    assert run["tags"] == ["a", "b"]
    assert run["config"]["data"] == {"num_classes": 3}
    assert run["exit_code"] == 0


def test_wandb_has_the_recorded_images_and_the_curves(wandb_run):
    folder, run = wandb_run
    shown = [row for row in run["history"] if "evolution/grid" in row]
    curves = [row for row in run["history"] if "val_acc" in row]
    assert [row["epoch"] for row in shown] == [1, 2] == [row["epoch"] for row in curves]
    assert [row["trainer/global_step"] for row in shown] == [row["trainer/global_step"] for row in curves]
    assert run["x_axes"]["*"] == "trainer/global_step"
    for row, entry in zip(shown, lines(folder), strict=True):
        for render in entry["renders"]:
            sent_image = row[f"features/{render['name']}"]
            with Image.open(run["files"] / sent_image["path"]) as sent, Image.open(folder / render["file"]) as kept:
                assert np.array_equal(np.asarray(sent), np.asarray(kept))
                assert np.asarray(sent).max() > 100  # wandb shows float images black
            assert sent_image["caption"].startswith(f"epoch {entry['epoch']}, val acc {entry['val_acc']:.3f}")
        grid = row["evolution/grid"]
        assert (grid["width"], grid["height"]) == grid_size(4, SIZE)


class TwoSteps(Module):
    """Steps twice with each batch."""

    automatic_optimization = False

    def training_step(self, batch, batch_idx):
        loss = super().training_step(batch, batch_idx)
        self.manual_backward(loss)
        optimizer: Any = self.optimizers()
        optimizer.step()
        optimizer.step()
        return loss


def test_the_record_has_the_step_of_a_snapshot_in_trackers(tmp_path):
    """A resumed run needs it, and it does not follow from the optimizer's steps."""
    logger = CSVLogger(tmp_path, name="csv", version="")
    fit(tmp_path, [evolution(tmp_path)], TwoSteps(), logger=logger, log_every_n_steps=1)
    with (tmp_path / "csv" / "metrics.csv").open(newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file) if row["val_acc"]]
    assert [entry["logged_step"] for entry in lines(tmp_path)] == steps == [1, 3, 5]
    assert [entry["step"] for entry in lines(tmp_path)] == [4, 8, 12]


def test_wandb_keeps_all_images_of_more_classes_than_it_shows_per_key(tmp_path):
    """W&B shows 108 images of one key; every class has a key of its own."""
    count = 120
    logger = wandb_logger(tmp_path, "project", None, "offline", "many", None, None, [])
    module = Module()
    module.net[-1] = torch.nn.Linear(24, count)
    names = [f"class {number}" for number in range(count)]
    many = FeatureEvolutionCallback(names, SIZE, trigger="every_epoch", steps=1, folder=tmp_path)
    fit(tmp_path, [many], module, logger=[logger], max_epochs=1)
    finish(0)
    (row,) = [row for row in read_run(tmp_path)["history"] if "evolution/grid" in row]
    (entry,) = lines(tmp_path)
    assert len(entry["renders"]) == count
    keys = [key for key in row if key.startswith("features/")]
    assert len(keys) == count
    files = {row[key]["path"] for key in keys}
    assert len(files) == count
    assert all((tmp_path / "wandb" / "latest-run" / "files" / path).is_file() for path in files)


class Broken(Logger):
    """Raises at each call."""

    def __init__(self):
        super().__init__()
        self.received = []

    name = version = "broken"

    def log_metrics(self, metrics, step=None):
        self.received.append(dict(metrics))
        raise ConnectionError("the server is gone")

    def log_hyperparams(self, params, *args, **kwargs):
        raise ConnectionError("the server is gone")

    def finalize(self, status):
        raise ConnectionError("the server is gone")


@log_snapshot.register
def _(logger: Broken, snapshot, step):
    raise ConnectionError("the server is gone")


def test_a_failing_tracker_does_not_affect_the_record_or_training(tmp_path, caplog):
    """Promise 4; the other loggers, before and after it, get everything."""
    after = CSVLogger(tmp_path, name="after", version="")
    broken = Broken()
    loggers = [MetricsTable(tmp_path), guarded(broken), guarded(after)]
    with caplog.at_level(logging.ERROR):
        trainer, _ = fit(tmp_path, [evolution(tmp_path)], logger=loggers)
    assert trainer.current_epoch == 3
    assert [entry["epoch"] for entry in lines(tmp_path)] == [1, 2, 3]
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 4
    assert "val_acc" in (tmp_path / "after" / "metrics.csv").read_text()
    reason = "failed (ConnectionError: the server is gone); training goes on"
    assert caplog.text.count(f"Broken.log_metrics {reason}") == 1
    assert caplog.text.count(f"Broken.log_snapshot {reason}") == 1
    assert [metrics["epoch"] for metrics in broken.received] == [1, 2, 3]


@pytest.mark.parametrize("channels", [3, 1])
def test_tensorboard_shows_images_and_measures(tmp_path, channels):
    logger = guarded(made("tensorboard", tmp_path))
    snapshot = snapshot_of(tmp_path, NAMES, channels, MEASURES | WITHHELD)
    notify([logger], snapshot, 19)
    logger.finalize("success")
    drain([logger])
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0}).Reload()
    assert set(events.Tags()["images"]) == {"features/tree frog", "features/a-b: 50 %", "features/蛙", "evolution/grid"}
    for name, render in zip(("tree frog", "a-b: 50 %", "蛙"), snapshot.snapshot.images, strict=True):
        (event,) = events.Images(f"features/{name}")
        assert event.step == 19
        with Image.open(io.BytesIO(event.encoded_image_string)) as sent, Image.open(tmp_path / render.file) as kept:
            assert np.array_equal(np.asarray(sent), np.asarray(kept.convert("RGB")))
    assert events.Images("evolution/grid")[0].width == grid_size(4, SIZE)[0]
    scalars = {name: events.Scalars(name)[0].value for name in events.Tags()["scalars"] if name != "epoch"}
    assert scalars == MEASURES
    assert events.Scalars("epoch")[0].value == 2


def test_trackers_that_are_not_configured_are_not_imported():
    code = (
        "import sys, featevo.train; "
        "sys.exit(str({'lightning', 'mlflow', 'torch.utils.tensorboard', 'wandb_workspaces'} & set(sys.modules) or 0))"
    )
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True).stderr.strip() == "0"


def test_wandb_and_csv_get_the_measures_as_numbers(tmp_path):
    loggers = [guarded(made("wandb", tmp_path)), guarded(made("csv", tmp_path)), MetricsTable(tmp_path)]
    notify(loggers, snapshot_of(tmp_path, measures=MEASURES | WITHHELD), 19)
    for logger in loggers[:2]:
        logger.finalize("success")
    drain(loggers)
    finish(0)
    (row,) = [row for row in read_run(tmp_path)["history"] if "confusion/self" in row]
    assert {name: row[name] for name in MEASURES} == MEASURES
    assert not WITHHELD.keys() & row.keys()
    assert (row["epoch"], row["trainer/global_step"]) == (2, 19)
    with (tmp_path / "csv" / "metrics.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert {name: float(line[name]) for name in MEASURES} == MEASURES
    assert not WITHHELD.keys() & line.keys()
    assert not (tmp_path / "metrics.csv").exists(), "it is about training; the measures are in the index"


class Watcher(Logger):
    """Checks at each call that the record already has the content of the call."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.checked = 0

    name = version = "watcher"

    def log_hyperparams(self, params, *args, **kwargs):
        pass

    def log_metrics(self, metrics, step=None):
        table = (self.folder / "metrics.csv").read_text()
        assert all(str(value) in table for key, value in metrics.items() if key != "epoch")
        self.checked += 1


@log_snapshot.register
def _(logger: Watcher, taken, step):
    assert json.loads(json.dumps(finite(as_entry(taken.snapshot)))) in lines(logger.folder)
    assert all((logger.folder / image.file).is_file() for image in taken.snapshot.images)
    logger.checked += 1


def test_the_record_comes_first(tmp_path, caplog):
    """Promise 4, checked within a tracker."""
    watcher = Watcher(tmp_path)
    fit(tmp_path, [evolution(tmp_path)], logger=[MetricsTable(tmp_path), watcher])
    assert watcher.checked == 6
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_real_images_are_logged_once_in_one_grid(tmp_path):
    generator = torch.Generator().manual_seed(2)
    real = torch.rand((2 * len(CLASSES), 3, SIZE, SIZE), generator=generator)
    labels = torch.arange(len(CLASSES)).repeat(2)
    logger = made("tensorboard", tmp_path)
    drawn = evolution(tmp_path, real=lambda per_class: (real, labels))
    fit(tmp_path, [drawn], logger=[logger])
    drain([logger])
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0}).Reload()
    (event,) = events.Images("evolution/real")
    assert event.step == events.Images("evolution/grid")[0].step
    with Image.open(io.BytesIO(event.encoded_image_string)) as sent:
        expected = arrange([Image.fromarray(to_uint8(image)) for image in real[: len(CLASSES)]])
        assert np.array_equal(np.asarray(sent), np.asarray(expected))


def test_a_snapshot_of_other_views_alone_has_no_grid_of_classes(tmp_path):
    logger = wandb_logger(tmp_path, "project", None, "offline", "views", None, None, [])
    whole = snapshot_of(tmp_path)
    images = [replace(image, view="channels", name=f"conv1 {image.unit}") for image in whole.snapshot.images]
    log_snapshot(logger, Taken(replace(whole.snapshot, images=images), whole.pixels), 20)
    log_snapshot(logger, whole, 21)
    finish(0)
    shown = [{key for key in row if "/" in key} for row in read_run(tmp_path)["history"]]
    step = "trainer/global_step"
    assert shown == [
        {step, *(f"channels/conv1 {unit}" for unit in range(3))},
        {step, "evolution/grid", *(f"features/{name}" for name in CLASSES)},
    ]


def test_long_names_keep_their_images_under_shortened_keys(tmp_path):
    """W&B makes file names of keys, and drops images, grid included, whose file name is too long."""
    names = ("x" * 250, "x" * 249 + "y", "蛙" * 80, "𝐀" * 60)
    taken = snapshot_of(tmp_path, names)
    logger = guarded(made("wandb", tmp_path))
    notify([logger], taken, 19)
    drain([logger])
    finish(0)
    run = read_run(tmp_path)
    (row,) = [row for row in run["history"] if "evolution/grid" in row]
    keys = [key for key in row if key.startswith("features/")]
    assert len(keys) == 4
    assert all(len(key.removeprefix("features/").encode()) <= 100 for key in keys)
    assert sum(key.startswith("features/xxx") for key in keys) == 2
    assert all((run["files"] / row[key]["path"]).is_file() for key in keys)
    assert [render["name"] for render in lines(tmp_path)[0]["renders"]] == list(names)


def test_images_without_a_probability_are_logged_too(tmp_path, caplog):
    snapshot = snapshot_of(tmp_path)
    assert caption(snapshot.snapshot, 0.5) == "epoch 2, val acc 0.500, probability 0.50"
    logger = guarded(made("wandb", tmp_path))
    notify([logger], without_probability(snapshot), 19)
    drain([logger])
    finish(0)
    (row,) = [row for row in read_run(tmp_path)["history"] if "evolution/grid" in row]
    assert row[f"features/{CLASSES[0]}"]["caption"] == "epoch 2, val acc 0.500"
