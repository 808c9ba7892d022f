"""What the callback does in a user's own project: the files of a run, trackers, networks of other packages."""

import json

import lightning
import pytest
import pytorch_lightning as pl
import timm
import torch
import wandb
from pytorch_lightning.loggers import TensorBoardLogger, WandbLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]
from torch import nn
from transformers import ViTConfig, ViTForImageClassification

from featevo import FeatureEvolutionCallback
from featevo.record.reading import read_controls, read_curve, read_evolution
from featevo.visualize.objectives.features import Direction
from tests.evolve.parts import CLASSES, SIZE, Module, fit, pictures
from tests.wandb_files import read_run

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    # Of Lightning's summary of modules, for modules that need several inputs.
    pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated"),
]


def callback(folder=None, **settings):
    settings = {"trigger": "every_epoch", "steps": 4, "folder": folder, **settings}
    return FeatureEvolutionCallback(settings.pop("classes", CLASSES), SIZE, **settings)


def test_a_run_has_what_a_run_of_the_command_has(tmp_path):
    fit(tmp_path, [callback(tmp_path, name="three colours", measures=True, real=pictures(2, 60))])
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["name"], run["status"], run["error"]) == ("three colours", "finished", None)
    assert run["seconds"] > 0
    evolution = read_evolution(tmp_path)
    assert evolution.name == "three colours"
    assert [snapshot.val_acc for snapshot in evolution.snapshots] == [value for _, value in read_curve(tmp_path)]
    assert [epoch for epoch, _ in read_curve(tmp_path, "train_loss")] == [1, 2, 3]
    measured = {"clones/patches", "information/depth", "picture/contrast", "picture/saturation", "picture/used"}
    assert all(set(snapshot.measures) == measured for snapshot in evolution.snapshots)
    assert "real" in read_controls(tmp_path)["picture/contrast"]
    assert {unit: len(files) for unit, files in evolution.real.items()} == {0: 4, 1: 4, 2: 4}
    page = (tmp_path / "report.html").read_text()
    assert "three colours" in page
    for name in ("evolution.png", "evolution.webp", "evolution.md"):
        assert (tmp_path / name).is_file()


def test_the_folder_and_the_page_are_named(tmp_path, caplog):
    fit(tmp_path, [callback(tmp_path)])
    assert f"Features: {tmp_path}" in caplog.messages
    assert f"Page: {tmp_path / 'report.html'}" in caplog.messages


def test_trackers_get_settings_results_and_page(tmp_path):
    # `mode`, as W&B reads the environment, which `offline` sets, in the first run of a process alone.
    logger = WandbLogger(save_dir=tmp_path, project="own", offline=True, mode="offline")
    fit(tmp_path, [callback(measures=True, real=pictures(2, 60))], logger=[logger])
    wandb.finish()
    run = read_run(tmp_path)
    assert run["config"]["featevo"]["steps"] == 4
    assert run["summary"]["best_epoch"] in (1, 2, 3)
    assert "final/picture/contrast" in run["summary"]
    assert any("page" in row for row in run["history"])
    assert any("figure" in row for row in run["history"])


def test_tensorboard_gets_the_settings(tmp_path):
    logger = TensorBoardLogger(tmp_path)
    fit(tmp_path, [callback()], logger=[logger])
    events = EventAccumulator(logger.log_dir)
    events.Reload()
    (text,) = events.Tensors("featevo/text_summary")
    assert b"- steps: 4" in text.tensor_proto.string_val[0]


def test_a_failed_training_says_so(tmp_path):
    class Breaks(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            if trainer.current_epoch == 1:
                raise RuntimeError("a crash")

    with pytest.raises(RuntimeError, match="a crash"):
        fit(tmp_path, [callback(tmp_path), Breaks()])
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["status"], run["error"]) == ("failed", "RuntimeError: a crash")
    assert (tmp_path / "report.html").is_file()


def test_a_resumed_training_keeps_its_table_and_its_name(tmp_path):
    trainer, _ = fit(tmp_path, [callback(tmp_path, name="first")], max_epochs=2)
    trainer.save_checkpoint(tmp_path / "epoch2.ckpt")
    before = read_curve(tmp_path)
    fit(tmp_path, [callback(tmp_path)], resume=tmp_path / "epoch2.ckpt", max_epochs=3)
    curve = read_curve(tmp_path)
    assert [epoch for epoch, _ in curve] == [1, 2, 3]
    assert curve[:2] == before
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["name"], run["status"], len(run["resumed"])) == ("first", "finished", 1)


def test_without_the_page_nothing_else_is_written(tmp_path, caplog):
    fit(tmp_path, [callback(tmp_path, page=False)])
    assert not {"run.json", "metrics.csv", "report.html"} & {path.name for path in tmp_path.iterdir()}
    assert not [message for message in caplog.messages if message.startswith(("Features:", "Page:"))]


class Returns(Module):
    """The same network, whose output is wrapped."""

    def __init__(self, wrap):
        torch.manual_seed(0)
        super().__init__()
        self.wrap = wrap

    def forward(self, images):
        return self.wrap(self.net(images))

    def training_step(self, batch, batch_idx):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self.log("val_acc", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())


@pytest.mark.parametrize(
    ("wrap", "output"),
    [
        (lambda logits: {"logits": logits, "features": None}, None),
        (lambda logits: (logits, None), None),
        (lambda logits: {"scores": [logits]}, lambda output: output["scores"][0]),
    ],
    ids=["a dictionary", "a tuple", "anything, by a function"],
)
def test_wrapped_logits_are_found(tmp_path, wrap, output):
    def values(folder):
        evolution = read_evolution(folder)
        return [[image.values for image in snapshot.of_view()] for snapshot in evolution.snapshots]

    real = pictures(2, 60)
    fit(tmp_path, [callback(tmp_path / "plain", real=real, measures=True)], Returns(lambda logits: logits))
    fit(tmp_path, [callback(tmp_path / "own", real=real, measures=True, output=output)], Returns(wrap))
    assert values(tmp_path / "own") == values(tmp_path / "plain")
    measures = [[s.measures for s in read_evolution(tmp_path / name).snapshots] for name in ("own", "plain")]
    assert measures[0] == measures[1]


class Package(Module):
    """A network of another package in a user's module."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def training_step(self, batch, batch_idx):
        return nn.functional.cross_entropy(self.logits(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self.log("val_acc", (self.logits(batch[0]).argmax(1) == batch[1]).float().mean())

    def logits(self, images):
        output = self(images)
        return output if isinstance(output, torch.Tensor) else output.logits


def vit():
    config = ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=SIZE,
        patch_size=4,
    )
    config.num_labels = len(CLASSES)
    return ViTForImageClassification(config)


def resnet():
    return timm.create_model("test_resnet", num_classes=len(CLASSES))  # timm's own small one for tests


@pytest.mark.parametrize("net", [vit, resnet])
def test_networks_of_other_packages(tmp_path, net):
    module = Package(net())
    fit(tmp_path, [callback(tmp_path, measures=True, real=pictures(2, 60))], module, max_epochs=1)
    (snapshot,) = read_evolution(tmp_path).snapshots
    assert snapshot.error is None
    assert len(snapshot.of_view()) == len(CLASSES)
    assert snapshot.measures["clones/patches"] is not None


def test_projects_that_import_lightning_have_the_same_files(tmp_path):
    class Theirs(lightning.LightningModule):
        forward, configure_optimizers = Module.forward, Module.configure_optimizers
        training_step, validation_step = Module.training_step, Module.validation_step

        def __init__(self):
            super().__init__()
            self.net, self.losses = Module().net, []

    fit(tmp_path / "theirs", [callback(tmp_path / "theirs")], Theirs(), package=lightning)
    files = {path.name for path in (tmp_path / "theirs").iterdir()}
    assert {"run.json", "metrics.csv", "report.html", "evolution.png"} <= files


class Embedding(pl.LightningModule):
    """No classes: images of equal colour are brought together."""

    def __init__(self, channels=3):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, images):
        return self.net(images)

    def training_step(self, batch, batch_idx):
        features = self(batch[0])
        return (features - features.roll(len(CLASSES), 0)).square().mean()

    def validation_step(self, batch, batch_idx):
        self.log("spread", self(batch[0]).std())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)


def test_an_embedding_is_drawn_by_directions(tmp_path):
    vectors = torch.eye(4)[:2]
    settings = {"objective": lambda units: Direction("net.3", vectors[list(units)]), "monitor": "spread"}
    fit(tmp_path, [callback(tmp_path, classes=["first", "second"], **settings)], Embedding())
    evolution = read_evolution(tmp_path)
    assert evolution.classes == {0: "first", 1: "second"}
    assert all("probability" not in image.values for image in evolution.snapshots[-1].of_view())
    assert (tmp_path / "report.html").is_file()


def test_a_network_without_classes_has_other_views(tmp_path):
    fit(
        tmp_path,
        [callback(tmp_path, classes=None, views={"channels": {"layers": ["net.0"], "channels": [0, 3]}})],
        Embedding(),
    )
    assert [image.name for image in read_evolution(tmp_path).snapshots[-1].of_view("channels")] == [
        "net.0 0",
        "net.0 3",
    ]
    with pytest.raises(ValueError, match="classes=None: the view 'classes' is of classes; name others"):
        callback(classes=None)
