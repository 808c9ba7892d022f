"""All features work with `lightning` as with `pytorch_lightning`."""

import io
import json
import logging

import lightning
import numpy as np
import pytest
import pytorch_lightning
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar
from mlflow import MlflowClient
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]
from torch import nn

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.record.schema import as_entry
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.packages import of_either
from featevo.tracking.reopening import identity
from featevo.tracking.trackers import drain, notify, notify_end
from featevo.tracking.wandb_run import finish
from tests.evolve.parts import CLASSES, SIZE, Module, fit
from tests.tracking.parts import MEASURES, made, snapshot_of
from tests.wandb_files import read_run

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`"),
]

PACKAGES = {"pytorch_lightning": pytorch_lightning.loggers, "lightning": lightning.pytorch.loggers}
KEYS = {"evolution/grid", *(f"features/{name}" for name in CLASSES)}


class Net(lightning.LightningModule):
    """A user's own module."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 3))

    def forward(self, images):
        return self.net(images)

    def training_step(self, batch, batch_idx):
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self.log("val_acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)


def of(package, kind, folder):
    """The logger that is configured, made anew of a package's class."""
    logger, loggers = made(kind, folder), PACKAGES[package]
    if kind == "wandb":
        return loggers.WandbLogger(experiment=logger.experiment)
    if kind == "mlflow":
        return loggers.MLFlowLogger("featevo", tracking_uri=logger._tracking_uri, run_id=logger.run_id)
    named = {"tensorboard": loggers.TensorBoardLogger, "csv": loggers.CSVLogger}
    return named[kind](logger.save_dir, name=logger.name, version=logger.version)


def evolution(folder, **settings):
    return FeatureEvolutionCallback(CLASSES, SIZE, folder=folder, **{"steps": 3, "trigger": "every_epoch", **settings})


def lines(folder):
    return [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]


def kept(folder, render):
    with Image.open(folder / render["file"]) as image:
        return np.asarray(image)


@pytest.mark.parametrize("package", PACKAGES)
def test_loggers_get_images_measures_and_the_end_of_the_run(tmp_path, monkeypatch, package):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    loggers = [of(package, kind, tmp_path) for kind in ("wandb", "tensorboard", "mlflow")]
    snapshot = snapshot_of(tmp_path, measures=MEASURES)
    notify(loggers, snapshot, 19)
    (tmp_path / "report.html").write_text("the page")
    (tmp_path / "metrics.csv").write_text("epoch,val_acc\n1,0.5\n2,0.95\n")
    notify_end(loggers, tmp_path)
    drain(loggers)
    for logger in loggers:
        logger.finalize("success")
    known = identity(loggers[0])
    finish(0)
    first = as_entry(snapshot.snapshot)["renders"][0]

    run = read_run(tmp_path)
    assert known == {"kind": "wandb", "id": run["id"], "project": "featevo", "entity": None, "url": None}
    (row,) = [row for row in run["history"] if "evolution/grid" in row]
    assert set(row) >= KEYS
    with Image.open(run["files"] / row[f"features/{CLASSES[0]}"]["path"]) as sent:
        assert np.array_equal(np.asarray(sent), kept(tmp_path, first))
    (row,) = [row for row in run["history"] if next(iter(MEASURES)) in row]
    assert {name: row[name] for name in MEASURES} == MEASURES
    assert run["summary"]["best_val_acc"] == 0.95
    assert any("page" in row for row in run["history"])

    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(events.Tags()["images"]) == KEYS
    (event,) = events.Images(f"features/{CLASSES[0]}")
    with Image.open(io.BytesIO(event.encoded_image_string)) as sent:
        assert np.array_equal(np.asarray(sent), kept(tmp_path, first))
    assert {name: events.Scalars(name)[0].value for name in MEASURES} == MEASURES

    client = MlflowClient((tmp_path / "mlruns").as_uri())
    metrics = client.get_run(loggers[2].run_id).data.metrics
    assert {name: metrics[name] for name in (*MEASURES, "best_val_acc")} == {**MEASURES, "best_val_acc": 0.95}
    sent_names = {file.path for file in client.list_artifacts(loggers[2].run_id, "images")}
    assert {name.partition("+")[0] for name in sent_names} == {f"images/{key.replace('/', '~')}" for key in KEYS}
    assert "report.html" in {file.path for file in client.list_artifacts(loggers[2].run_id)}


def test_a_trainer_of_lightning_draws_and_resumes(tmp_path):
    """Default folder, loggers, checkpoint: the callback is one like any other there."""
    loggers = [of("lightning", "tensorboard", tmp_path), of("lightning", "wandb", tmp_path)]
    callbacks = [evolution(None, before_training=True), ModelCheckpoint(tmp_path / "checkpoints")]
    fit(tmp_path, callbacks, Net(), package=lightning, logger=loggers, max_epochs=2, enable_checkpointing=True)
    finish(0)
    place = tmp_path / "tensorboard"
    assert [(line["epoch"], line["error"]) for line in lines(place)] == [(0, None), (1, None), (2, None)]
    assert (place / "evolution.png").is_file()
    events = EventAccumulator(str(place), size_guidance={"images": 0}).Reload()
    assert len(events.Images("evolution/grid")) == 3
    assert [row["epoch"] for row in read_run(tmp_path)["history"] if "evolution/grid" in row] == [-1, 0, 1]

    (path,) = (tmp_path / "checkpoints").iterdir()
    fit(tmp_path, [evolution(place, before_training=True)], Net(), path, max_epochs=3, package=lightning)
    assert [line["epoch"] for line in lines(place)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="holds the record of another training"):
        fit(tmp_path, [evolution(place)], Net(), package=lightning)


def test_the_bar_of_lightning_shows_drawing(tmp_path, capsys):
    bar = RichProgressBar(console_kwargs={"force_terminal": True, "width": 100})
    fit(tmp_path, [evolution(tmp_path), bar], Net(), package=lightning, enable_progress_bar=True, max_epochs=1)
    captured = capsys.readouterr()
    assert "Drawing 3 classes" in captured.out
    assert "Drawing" not in captured.err, "of tqdm, which would break Rich's display"


class Own(pytorch_lightning.loggers.logger.DummyLogger):
    """A user's logger."""

    name = version = "own"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_logger_without_images_is_named_once_per_fit(tmp_path, caplog, package):
    loggers = [of(package, "csv", tmp_path / "csv"), of(package, "csv", tmp_path / "csv 2")]
    loggers += [of(package, "tensorboard", tmp_path / "tb"), MetricsTable(tmp_path / "table"), Own()]
    module, source = {"lightning": (Net, lightning), "pytorch_lightning": (Module, pytorch_lightning)}[package]
    fit(tmp_path, [evolution(tmp_path)], module(), package=source, fast_dev_run=True)  # its loggers are Lightning's
    assert "no images" not in caplog.text
    for number in (1, 2):
        caplog.clear()
        two = [evolution(tmp_path / f"{name} {number}", regularizer=name) for name in ("paper", "none")]
        with caplog.at_level(logging.INFO):
            fit(tmp_path, two, module(), logger=loggers, package=source, max_epochs=2)
        messages = [record.getMessage() for record in caplog.records if "no images" in record.getMessage()]
        place = tmp_path / f"paper {number}"
        assert messages == [f"{kind} shows no images: they are in {place}" for kind in ("CSVLogger", "Own")]


def test_a_class_is_one_of_either_package_or_inherits_it():
    either = of_either(pytorch_lightning.loggers.CSVLogger)

    class Mine(lightning.pytorch.loggers.CSVLogger):
        pass

    class CSVLogger:
        pass

    for kind in (pytorch_lightning.loggers.CSVLogger, lightning.pytorch.loggers.CSVLogger, Mine):
        assert issubclass(kind, either)
    for other in (CSVLogger, pytorch_lightning.loggers.WandbLogger, lightning.pytorch.loggers.WandbLogger):
        assert not issubclass(other, either)
