"""A whole run from configuration to record, with real parts."""

import csv
import json
import logging
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from PIL import Image
from pytorch_lightning.callbacks import Callback, TQDMProgressBar

from featevo.app.paths import CONF
from featevo.app.run_end import result
from featevo.app.schemas import register
from featevo.app.trainer import build_trainer
from featevo.app.training import train
from featevo.data.scenes.dataset import Scenes
from featevo.errors import UserError
from featevo.record.reading import read_evolution
from featevo.tracking.metrics import MetricsTable
from tests.wandb_files import read_run

pytestmark = pytest.mark.filterwarnings("ignore:The number of training batches")

SMALL = ("debug=smoke", "logger=none", "trainer.accelerator=cpu")
FEW = ("data.source.train_per_class=8", "data.source.val_per_class=4")


def run(monkeypatch, folder, *overrides):
    register()
    monkeypatch.chdir(folder)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [*SMALL, *(() if {"data=folder", "data=digits"} & set(overrides) else FEW), *overrides])
    metrics = train(cfg)
    (run_folder,) = folder.glob("outputs/*/*")
    return metrics, run_folder


def test_a_run_writes_all_documented_files(tmp_path, monkeypatch, capsys):
    metrics, folder = run(monkeypatch, tmp_path, "evolution.trigger=every_epoch", "evolution.before_training=true")
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"], record["name"]) == ("finished", None, "scenes-random")
    assert record["metrics"] == metrics
    assert {"versions", "git_commit", "seconds", "wandb", "overrides"} <= set(record)
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[-1]["val_acc"]) == metrics["val_acc"]
    assert metrics["best_val_acc"] == max(float(row["val_acc"]) for row in rows)
    assert metrics["epochs"] == 2
    lines = [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1, 2]
    for line in lines:
        assert [render["name"] for render in line["renders"]] == ["tree frog", "flamingo", "pool table", "hamburger"]
        assert (folder / "checkpoints" / f"epoch={line['epoch']:03d}.safetensors").is_file()
        for render in line["renders"]:
            with Image.open(folder / render["file"]) as image:
                assert image.size == (32, 32)
    with Image.open(folder / "evolution.webp") as film:
        assert film.n_frames == 3
    for name in ("evolution.png", "evolution.md", "report.html", "checkpoints/best.ckpt", "checkpoints/last.ckpt"):
        assert (folder / name).stat().st_size > 0, name
    assert not list(folder.rglob("*.tmp"))
    assert OmegaConf.load(folder / ".hydra" / "config.yaml").evolution.before_training is True
    assert capsys.readouterr() == ("", ""), "the terminal belongs to who calls train"
    assert logging.getLogger("pytorch_lightning").level == logging.INFO


def test_a_run_records_validation_images_of_each_class(tmp_path, monkeypatch):
    _, folder = run(monkeypatch, tmp_path, "seed=3")
    classes = ("tree frog", "flamingo", "pool table", "hamburger")
    val = Scenes(classes, per_class=4, image_size=32, seed=3, split="val")
    images = [val[place] for place in range(len(val))]
    real = read_evolution(folder).real
    assert list(real) == [0, 1, 2, 3]
    for unit, files in real.items():
        recorded = {np.asarray(Image.open(folder / file)).tobytes() for file in files}
        assert recorded == {image.permute(1, 2, 0).numpy().tobytes() for image, label in images if label == unit}


def test_checkpoints_load_without_unpickling(tmp_path, monkeypatch):
    _, folder = run(monkeypatch, tmp_path)
    for name in ("best", "last"):
        assert "state_dict" in torch.load(folder / "checkpoints" / f"{name}.ckpt", weights_only=True)


def test_without_evolution_the_weights_are_the_same(tmp_path, monkeypatch):
    """Promise 1 for the whole command."""
    folders = []
    for name, override in {"on": "evolution.trigger=every_epoch", "off": "evolution=off"}.items():
        (tmp_path / name).mkdir()
        folders.append(run(monkeypatch, tmp_path / name, override)[1])
    on, off = (torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True) for folder in folders)
    assert all(torch.equal(tensor, off["state_dict"][name]) for name, tensor in on["state_dict"].items())
    assert torch.equal(*(torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["optimizer_states"][0]["state"][0]["exp_avg"] for folder in folders))  # fmt: skip  # noqa: E501
    assert (folders[0] / "metrics.csv").read_text() == (folders[1] / "metrics.csv").read_text()
    assert not (folders[1] / "evolution").exists()


@pytest.mark.parametrize("name", ["none", "l2", "noise"])
def test_robust_training_is_named_and_changes_the_weights(tmp_path, monkeypatch, caplog, name):
    caplog.set_level(logging.INFO)
    rows = {}
    for choice in ("none", name):
        (tmp_path / f"{choice}-1").mkdir(exist_ok=True)
        folder = tmp_path / f"{choice}-1"
        if not list(folder.iterdir()):
            caplog.clear()
            run(monkeypatch, folder, f"robustness={choice}", "evolution=off")
        (metrics,) = folder.glob("outputs/*/*/metrics.csv")
        rows[choice] = metrics.read_text()
    kind = {"none": None, "l2": "L2(rms=0.016", "noise": "Noise(std=0.2"}[name]
    assert (f"Robust training: images are perturbed by {kind}" in caplog.text) == (kind is not None)
    assert (rows["none"] != rows[name]) == (kind is not None)


def test_augmentation_is_named_recorded_and_changes_the_weights(tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    rows = {}
    for choice in ("none", "standard"):
        caplog.clear()
        (tmp_path / choice).mkdir()
        _, folder = run(monkeypatch, tmp_path / choice, f"augmentation={choice}", "evolution=off")
        rows[choice] = (folder / "metrics.csv").read_text()
        assert ("training images are changed by flip, crop; augmentation=none" in caplog.text) == (choice != "none")
        recorded = OmegaConf.load(folder / ".hydra" / "config.yaml").augmentation
        assert list(recorded) == ([] if choice == "none" else ["flip", "crop"])
    assert rows["none"] != rows["standard"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["data.image_size=16"], "data.image_size"),
        (["data=folder", "data.image_size=16", "data.root=/nowhere"], "data.root"),
        (["init=checkpoint"], "init=checkpoint"),
        (["seed=-1"], "seed=-1: must be from 0 to 4,294,967,295"),
        (
            ["evolution.monitor=accuracy"],
            "evolution.monitor=accuracy: there are val_acc, val_loss",
        ),
        (["evolution=off", "evolution.monitor=accuracy"], "evolution.monitor=accuracy: there are val_acc"),
        (["optimizer.lr=abc"], "^optimizer.lr=abc: must be a number, such as 0.001; this is text$"),
        (["trainer.devices=2", "trainer.strategy=ddp_spawn"], "ddp_spawn: trackers .*; use trainer.strategy=ddp$"),
        (
            ["trainer.devices=2", "trainer.strategy={_target_: pytorch_lightning.strategies.ModelParallelStrategy}"],
            "ModelParallelStrategy: images are drawn .*; use strategy=ddp or trainer.devices=1$",
        ),
        (["trainer.callbacks=abc"], "trainer.callbacks=abc: must be "),
        (
            ["trainer.callbacks=[{_target_: builtins.dict}]"],
            "trainer.callbacks: dict is not a callback of pytorch_lightning's",
        ),
        (["init.scheme=he"], "init.scheme=he: there are kaiming, xavier"),
        (["trainer.accelerator=gpu"], "trainer: .*[Gg][Pp][Uu].*; use trainer.accelerator=cpu or auto$"),
        (["trainer.precision=12"], "trainer: .*[Pp]recision"),
        (["optimizer.lr=-1"], "optimizer.lr=-1: must be from 0 to"),
        (["robustness.rms=-1"], "robustness.rms=-1: must be above 0"),
        (["augmentation=standard", "augmentation.crop.size=16"], "augmentation.crop: must keep an image's shape"),
        (["robustness.steps=few"], "robustness.steps=few: must be a number, such as 1"),
        (["data.num_classes=99999"], "data.num_classes"),
        (["data.classes=[flamingo,dodo]"], "dodo"),
        (["evolution.steps=0"], "evolution.steps=0: must be from 1 to 1,000,000"),
        (["regularizer.operators.median.kernel_size=4"], "regularizer.operators.median: kernel_size=4"),
        (["model._target_=featevo.model.vgg.vgg17"], "model: "),
        (["data.batch_size=0"], "data.batch_size=0: must be from 1 to 1,048,576"),
        (["data.num_workers=-1"], "data.num_workers=-1: must be from 0 to 1,024"),
        (["evolution.chunk_size=0"], "evolution.chunk_size=0: must be from 1 to"),
    ],
)
def test_a_mistake_is_one_line_and_recorded(tmp_path, monkeypatch, overrides, message):
    if torch.cuda.is_available() and "trainer.accelerator=gpu" in overrides:
        pytest.skip("there is a GPU")
    with pytest.raises(UserError, match=message) as error:
        run(monkeypatch, tmp_path, *overrides)
    assert "\n" not in str(error.value)
    (record,) = tmp_path.glob("outputs/*/*/run.json")
    assert json.loads(record.read_text())["status"] == "failed"
    assert json.loads(record.read_text())["error"] == str(error.value)


def test_two_calls_in_one_second_have_folders_of_their_own(tmp_path, monkeypatch):
    class Noon(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2017, 8, 28, 12)

    monkeypatch.setattr("featevo.app.this_job.datetime", Noon)
    with pytest.raises(UserError, match="seed=-1"):
        run(monkeypatch, tmp_path, "seed=-1")
    with pytest.raises(UserError, match="seed=-2"):
        run(monkeypatch, tmp_path, "seed=-2")
    errors = {path.parent.name: json.loads(path.read_text())["error"][:7] for path in tmp_path.rglob("run.json")}
    assert errors == {"12-00-00-scenes-random": "seed=-1", "12-00-00-scenes-random-2": "seed=-2"}


@pytest.mark.parametrize("argument", ["trainer.precision=12", "trainer.callbacks=[{_target_: x}]"])
def test_a_wrong_argument_is_reported_before_a_tracker_starts(tmp_path, monkeypatch, argument):
    with pytest.raises(UserError):
        run(monkeypatch, tmp_path, "logger=wandb", "logger.tracker.mode=offline", argument)
    assert not list(tmp_path.rglob("wandb"))


@pytest.mark.filterwarnings("ignore:.*ipywidgets")
@pytest.mark.parametrize(
    "overrides",
    [
        ["trainer.enable_checkpointing=false"],
        ["trainer.callbacks=[{_target_: pytorch_lightning.callbacks.TQDMProgressBar}]"],
        ["trainer.enable_progress_bar=true"],
        ["trainer.precision=bf16-true"],
        ["trainer.precision=16-true", "optimizer=sgd", "evolution.steps=1", "measures=off"],
        ["trainer.logger=false", "logger=wandb"],
        ["trainer.devices=auto"],
        ["evolution.monitor=val_loss", "evolution.mode=min", "trainer.val_check_interval=0.5"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_arguments_of_lightnings_trainer_work(tmp_path, monkeypatch, overrides):
    built = []

    def noted(*parts):
        built.append(build_trainer(*parts))
        return built[-1]

    monkeypatch.setattr("featevo.app.training.build_trainer", noted)
    metrics, folder = run(monkeypatch, tmp_path, "evolution.last_epoch=true", *overrides)
    assert metrics["epochs"] == 2
    assert (folder / "report.html").is_file()
    assert not (folder / "wandb").exists()
    (trainer,) = built
    assert bool(trainer.checkpoint_callbacks) == ("trainer.enable_checkpointing=false" not in overrides)
    assert isinstance(trainer.progress_bar_callback, TQDMProgressBar) == ("TQDM" in overrides[0])
    assert [type(logger) for logger in trainer.loggers] == [MetricsTable]


@pytest.mark.parametrize("override", ["trainer.max_epochs=0", "trainer.limit_val_batches=0"])
def test_settings_without_effect_warn_at_the_start(tmp_path, monkeypatch, caplog, override):
    metrics, _ = run(monkeypatch, tmp_path, override)
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert override in line
    assert "best_val_acc" not in metrics
    assert result(metrics, "val_acc") == "nothing was measured"


class Crash(Callback):
    """Fails in the second epoch, and tells whether there is a page then."""

    def on_train_epoch_start(self, trainer, pl_module):
        assert trainer.current_epoch < 1, f"a crash with {len([*Path.cwd().glob('outputs/*/*/report.html')])} page"


@pytest.mark.parametrize("broken_page", [False, True])
def test_a_failed_run_has_its_page_and_its_metrics(tmp_path, monkeypatch, broken_page, caplog):
    if broken_page:
        monkeypatch.setattr("featevo.page.report_file.write_report", lambda folders: 1 / 0)
    with pytest.raises(AssertionError, match="a crash"):
        run(monkeypatch, tmp_path, "trainer.callbacks=[{_target_: tests.commands.test_train.Crash}]")
    (folder,) = tmp_path.glob("outputs/*/*")
    record = json.loads((folder / "run.json").read_text())
    assert record["metrics"]["best_epoch"] == 1
    assert f"a crash with {0 if broken_page else 1} page" in record["error"]
    assert (folder / "report.html").is_file() != broken_page
    assert ("could not be written" in caplog.text) == broken_page
    if not broken_page:
        assert "AssertionError: a crash" in (folder / "report.html").read_text()


def test_the_result_in_words():
    metrics = {"val_acc": 0.5, "val_loss": 1.25, "best_val_acc": 0.75, "best_epoch": 3, "epochs": 4}
    assert result(metrics, "val_acc") == "best val_acc 0.7500 (epoch 3), last val_acc 0.5000"
    assert result({**metrics, "best_val_loss": 1.0}, "val_loss") == (
        "best val_loss 1.0000 (epoch 3), last val_loss 1.2500, last val_acc 0.5000"
    )


@pytest.mark.parametrize(("init", "expected"), [("random", 0.309), ("pretrained", 0.485)])
def test_normalisation_follows_the_weights(tmp_path, monkeypatch, init, expected):
    """Random weights use the statistics of the digits, pretrained weights those of their own training."""
    pytest.importorskip("sklearn")
    seen = {}

    def keep(module, *args, **kwargs):
        seen["mean"] = module.mean.flatten().tolist()

    monkeypatch.setattr("featevo.app.training.pl.Trainer.fit", lambda trainer, module, **kwargs: keep(module))
    three = ["data.channels=3", "data.mean=[0.309,0.309,0.309]", "data.std=[0.349,0.349,0.349]"]
    run(monkeypatch, tmp_path, "data=digits", f"init={init}", "evolution=off", *three)
    assert seen["mean"][0] == pytest.approx(expected)


def test_wandb_gets_summary_and_page_of_a_failed_run_too(tmp_path, monkeypatch):
    wanted = (
        "logger=wandb",
        "logger.tracker.mode=offline",
        "trainer.callbacks=[{_target_: tests.commands.test_train.Crash}]",
    )
    with pytest.raises(AssertionError, match="a crash"):
        run(monkeypatch, tmp_path, *wanted, "evolution.trigger=every_epoch")
    (folder,) = tmp_path.glob("outputs/*/*")
    known = read_run(folder)
    assert known["exit_code"] == 1
    assert known["summary"]["best_epoch"] == 1
    (page,) = [row["page"]["path"] for row in known["history"] if "page" in row]
    text = (known["files"] / page).read_text(encoding="utf-8")
    assert text == (folder / "report.html").read_text(encoding="utf-8")
    assert "a crash" in text, "the page was written after the end of the run was in run.json"


def test_a_file_in_the_place_of_wandbs_folder_does_not_end_a_run(tmp_path, monkeypatch, caplog):
    register()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("featevo.app.training.run_folder", lambda cfg: tmp_path)
    (tmp_path / "wandb").touch()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("train", [*SMALL, *FEW, "logger=wandb", "logger.tracker.mode=offline"])
    train(cfg)
    content = json.loads((tmp_path / "run.json").read_text())
    assert (content["status"], content["wandb"]) == ("finished", None)
    assert len(read_evolution(tmp_path).snapshots) > 0
    assert f"W&B: not used, because {tmp_path}/wandb cannot be made a folder" in caplog.text


@pytest.mark.parametrize(("kind", "left"), [("tensorboard", "tensorboard/events*"), ("mlflow", "mlruns/*/*/meta.yaml")])
def test_a_whole_run_with_other_trackers(tmp_path, monkeypatch, caplog, kind, left):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    _, folder = run(monkeypatch, tmp_path, f"logger={kind}")
    assert len(list(folder.glob(left))) == 1
    assert not [record for record in caplog.records if "failed" in record.getMessage()]
