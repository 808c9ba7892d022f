"""FeatureEvolutionCallback in real fits: when it draws, where, and after which errors."""

import json
import logging
import shutil

import pytest
import pytorch_lightning as pl
import torch
from PIL import Image
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from safetensors.torch import load_file

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.visualize import ClassLogit, maximize
from featevo.visualize.network import weights_hash
from tests.evolve.parts import CLASSES, SIZE, Module, fit

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
]


class Scripted(Module):
    """Logs given accuracies, epoch by epoch."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_validation_epoch_end(self):
        # Logged by the module's own hook, which runs after those of callbacks.
        self.log("scripted", self.values[self.current_epoch])


def evolution(folder, **settings):
    return FeatureEvolutionCallback(CLASSES, SIZE, folder=folder, **{"steps": 4, **settings})


def index(folder):
    path = folder / "evolution" / "index.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def drawn(folder):
    return [(entry["epoch"], entry["trigger"]) for entry in index(folder)]


@pytest.mark.parametrize(
    ("settings", "values", "expected"),
    [
        ({}, [0.5, 0.4, 0.6], [(1, "improvement"), (3, "improvement")]),
        ({}, [0.5, 0.6, 0.4], [(1, "improvement"), (2, "improvement"), (3, "last_epoch")]),
        ({"last_epoch": False}, [0.5, 0.6, 0.4], [(1, "improvement"), (2, "improvement")]),
        ({"trigger": "every_epoch"}, [0.5, 0.4, 0.3], [(1, "every_epoch"), (2, "every_epoch"), (3, "every_epoch")]),
        ({"trigger": "every_n", "every_n": 2}, [0.5, 0.4, 0.3], [(2, "every_n"), (3, "last_epoch")]),
        ({"before_training": True}, [0.5, 0.4, 0.3], [(0, "before_training"), (1, "improvement"), (3, "last_epoch")]),
        ({"mode": "min"}, [0.5, 0.6, 0.4], [(1, "improvement"), (3, "improvement")]),
        ({}, [float("nan"), 0.4, 0.3], [(2, "improvement"), (3, "last_epoch")]),
    ],
)
def test_draws_at_the_expected_epochs(tmp_path, settings, values, expected):
    fit(tmp_path, [evolution(tmp_path, monitor="scripted", **settings)], Scripted(values))
    assert drawn(tmp_path) == expected


TWO_VIEWS = {"classes": {}, "fine": {"view": "classes", "steps": 6, "trigger": "every_n", "every_n": 2}}


def views_of(folder):
    return [(entry["epoch"], entry["trigger"], sorted(entry["view_seconds"])) for entry in index(folder)]


def test_each_view_has_its_own_trigger_and_settings(tmp_path):
    values = [0.5, 0.4, 0.6, 0.7, 0.3]
    fit(tmp_path, [evolution(tmp_path, monitor="scripted", views=TWO_VIEWS)], Scripted(values), max_epochs=5)
    assert views_of(tmp_path) == [
        (1, "improvement", ["classes"]),
        (2, "every_n", ["fine"]),
        (3, "improvement", ["classes"]),
        (4, "improvement", ["classes", "fine"]),
        (5, "last_epoch", ["classes", "fine"]),
    ]
    steps = [{r["view"]: r["trace_of"] for r in entry["renders"]} for entry in index(tmp_path)]
    assert steps[3] == {"classes": 4, "fine": 6}
    assert all((tmp_path / render["file"]).is_file() for entry in index(tmp_path) for render in entry["renders"])


def test_the_last_epoch_has_all_views_in_one_snapshot(tmp_path):
    settings = {"monitor": "scripted", "views": TWO_VIEWS}
    fit(tmp_path, [evolution(tmp_path, **settings)], Scripted([0.5, 0.4, 0.6]), max_epochs=3)
    assert views_of(tmp_path)[-1] == (3, "improvement", ["classes", "fine"])


def test_after_an_early_stop_the_missing_views_are_drawn(tmp_path):
    class Stops(Scripted):
        def on_validation_epoch_end(self):
            super().on_validation_epoch_end()
            self.trainer.should_stop = self.current_epoch == 2

    settings = {"monitor": "scripted", "views": TWO_VIEWS}
    fit(tmp_path, [evolution(tmp_path, **settings)], Stops([0.5, 0.4, 0.6]), max_epochs=9)
    assert views_of(tmp_path)[-2:] == [(3, "improvement", ["classes"]), (3, "last_epoch", ["fine"])]


@pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`")
def test_views_continue_after_a_resume(tmp_path):
    values = [0.5, 0.4, 0.6, 0.3, 0.2]
    whole = tmp_path / "whole"
    settings = {"monitor": "scripted", "views": TWO_VIEWS}
    fit(whole, [evolution(whole, **settings)], Scripted(values), max_epochs=5)
    part = tmp_path / "part"
    keeps = ModelCheckpoint(part / "kept", save_last=True, every_n_epochs=1)
    with pytest.raises(RuntimeError, match="stopped"):
        fit(part, [evolution(part, **settings), keeps], Stopped(values), max_epochs=5, enable_checkpointing=True)
    fit(part, [evolution(part, **settings)], Scripted(values), resume=part / "kept" / "last.ckpt", max_epochs=5)
    assert views_of(part) == views_of(whole)


class Stopped(Scripted):
    """Is interrupted in its fourth epoch."""

    def on_train_epoch_start(self):
        if self.current_epoch == 3:
            raise RuntimeError("stopped")


@pytest.mark.parametrize(
    ("setting", "files", "line"),
    [
        (True, [1, 3, 4], "Each snapshot keeps its weights: 0.0 MB"),
        ("all", [1, 2, 3, 4], "Each validated epoch keeps its weights"),
        (2, [3, 4], "The last 2 snapshots keep their weights: at most 0.0 MB"),
        (False, [], None),
    ],
)
def test_which_weights_are_kept(tmp_path, caplog, setting, files, line):
    caplog.set_level(logging.INFO)
    callback = evolution(tmp_path, monitor="scripted", save_weights=setting)
    fit(tmp_path, [callback], Scripted([0.5, 0.4, 0.6, 0.3]), max_epochs=4)
    assert sorted(path.name for path in tmp_path.glob("checkpoints/*")) == [f"epoch=00{n}.safetensors" for n in files]
    assert (line or "keep") in caplog.text or setting is False
    assert ("weights:" in caplog.text) == (setting is not False)
    images = {entry["epoch"]: (entry["trigger"], len(entry["renders"])) for entry in index(tmp_path)}
    without = {2: ("weights", 0)} if setting == "all" else {}
    assert images == {1: ("improvement", 3), 3: ("improvement", 3), 4: ("last_epoch", 3)} | without


@pytest.mark.parametrize("setting", [0, -1, "some", 1.5])
def test_a_wrong_number_of_kept_weights_is_named(setting):
    with pytest.raises(ValueError, match=f"save_weights={setting}: use true or snapshots, false, all, or how many"):
        FeatureEvolutionCallback(CLASSES, SIZE, save_weights=setting)


def test_a_wrong_trigger_of_a_view_is_named():
    with pytest.raises(ValueError, match=r"views\.fine\.trigger=often: there are improvement"):
        FeatureEvolutionCallback(CLASSES, SIZE, views={"fine": {"view": "classes", "trigger": "often"}})
    with pytest.raises(ValueError, match=r"views\.fine\.every_n=0"):
        FeatureEvolutionCallback(CLASSES, SIZE, views={"fine": {"view": "classes", "trigger": "every_n", "every_n": 0}})


def test_a_view_that_cannot_draw_the_module_stops_training_before_it_begins(tmp_path):
    class Deep:
        name, goes_on = "deep", False

        def check(self, network):
            pass

        def units(self, network, context):
            raise ValueError("views.deep: layer='conv9_9' does not exist")

    callback = evolution(tmp_path, views={"classes": {}, "deep": Deep()})
    module = Module()
    with pytest.raises(ValueError, match="conv9_9"):
        fit(tmp_path, [callback], module)
    assert module.losses == []


def test_the_line_has_the_state_of_training(tmp_path):
    trainer, module = fit(tmp_path, [evolution(tmp_path, trigger="every_epoch")])
    last = index(tmp_path)[-1]
    assert (last["epoch"], last["step"]) == (3, 6)
    assert last["val_acc"] == pytest.approx(float(trainer.callback_metrics["val_acc"]))
    assert last["val_loss"] == pytest.approx(float(trainer.callback_metrics["val_loss"]))
    assert last["train_loss"] == pytest.approx(sum(module.losses[-2:]) / 2, rel=1e-6)
    assert [render["name"] for render in last["renders"]] == list(CLASSES)
    assert all((tmp_path / render["file"]).is_file() for render in last["renders"])


def test_images_may_be_wider_than_high(tmp_path):
    """From the ascent to the film; training images are of another size, which this network takes."""
    wide = FeatureEvolutionCallback(CLASSES, (12, 24), folder=tmp_path, steps=4, on_error="raise")
    fit(tmp_path, [wide], max_epochs=2)
    for render in index(tmp_path)[-1]["renders"]:
        with Image.open(tmp_path / render["file"]) as image:
            assert image.size == (24, 12)
            assert json.loads(image.text["featevo"])["image_size"] == [12, 24]
    assert (tmp_path / "evolution.webp").is_file()
    with pytest.raises(ValueError, match=r"image_size=\(12, 0\): give a side above 0 in pixels, or \(height, width\)"):
        FeatureEvolutionCallback(CLASSES, (12, 0))


def test_renders_show_the_weights_kept_with_them(tmp_path):
    """Promises 3 and 6: the saved weights have the recorded hash and give the recorded renders."""
    _, module = fit(tmp_path, [evolution(tmp_path, trigger="every_epoch")])
    entry = index(tmp_path)[1]
    state = load_file(tmp_path / "checkpoints" / "epoch=002.safetensors")
    assert weights_hash({name: state[name] for name in module.state_dict()}) == entry["provenance"]["weights"]
    again = Module()
    again.load_state_dict(state)
    renders = maximize(again, ClassLogit(range(len(CLASSES))), image_size=SIZE, steps=4)
    assert [render.logit for render in renders] == [render["logit"] for render in entry["renders"]]


@pytest.mark.parametrize("settings", [{"num_sanity_val_steps": 2, "max_epochs": 0}, {"fast_dev_run": True}])
def test_neither_sanity_check_nor_dry_run_draws(tmp_path, settings):
    fit(tmp_path, [evolution(tmp_path, before_training=True, trigger="every_epoch")], **settings)
    assert [epoch for epoch, _ in drawn(tmp_path)] in ([], [0])
    assert not list(tmp_path.glob("evolution/epoch=001*"))


def test_validate_does_not_draw(tmp_path):
    trainer, module = fit(tmp_path, [evolution(tmp_path)])
    before = drawn(tmp_path)
    trainer.validate(module, trainer.val_dataloaders, verbose=False)
    assert drawn(tmp_path) == before


def test_early_stopping_counts_as_the_end(tmp_path):
    stop = EarlyStopping("scripted", mode="max", patience=1)
    fit(tmp_path, [evolution(tmp_path, monitor="scripted"), stop], Scripted([0.5, 0.4, 0.9]))
    assert drawn(tmp_path) == [(1, "improvement"), (2, "last_epoch")]


def test_a_missing_metric_is_named(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        fit(tmp_path, [evolution(tmp_path, monitor="accuracy")], max_epochs=1)
    assert "Epoch 1 has no metric 'accuracy', so nothing improves; there are:" in caplog.text
    assert "val_acc" in caplog.text
    assert drawn(tmp_path) == [(1, "last_epoch")]


class Fails(Module):
    def forward(self, images):
        if images.requires_grad and self.losses:  # not in the dry run before training
            raise RuntimeError("a failing render")
        return super().forward(images)


def test_a_failing_render_is_logged_and_recorded_and_training_continues(tmp_path, caplog):
    trainer, _ = fit(tmp_path, [evolution(tmp_path, trigger="every_epoch")], Fails())
    assert trainer.current_epoch == 3
    assert [entry["error"] for entry in index(tmp_path)] == ["RuntimeError: a failing render"] * 3
    assert "a failing render" in caplog.text
    assert (tmp_path / "evolution.png").is_file()


def test_a_failing_render_can_stop_training(tmp_path):
    with pytest.raises(RuntimeError, match="a failing render"):
        fit(tmp_path, [evolution(tmp_path, on_error="raise")], Fails())


def test_after_a_crash_there_are_figures_of_all_renders(tmp_path):
    class Crash(pl.Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            if trainer.current_epoch == 1:
                raise RuntimeError("a crash")

    with pytest.raises(RuntimeError, match="a crash"):
        fit(tmp_path, [evolution(tmp_path, trigger="every_epoch"), Crash()])
    assert drawn(tmp_path) == [(1, "every_epoch")]
    assert (tmp_path / "evolution.png").is_file()


def test_checkpoints_contain_the_state_and_load_with_weights_only(tmp_path):
    """The checkpoint of an epoch has that epoch's best value: after a resume the same epochs fire as without."""
    values = [0.5, 0.6, 0.55, 0.7]

    def callbacks():
        checkpoint = ModelCheckpoint(tmp_path, filename="{epoch}", save_top_k=-1, monitor="scripted")
        return [evolution(tmp_path, monitor="scripted", last_epoch=False), checkpoint]

    settings = {"enable_checkpointing": True}
    fit(tmp_path, callbacks(), Scripted(values), max_epochs=2, **settings)
    checkpoint = tmp_path / "epoch=1.ckpt"
    states = torch.load(checkpoint, weights_only=True)["callbacks"]
    (state,) = (state for key, state in states.items() if "FeatureEvolution" in key)
    assert state["best"] == pytest.approx(0.6)
    fit(tmp_path, callbacks(), Scripted(values), resume=checkpoint, max_epochs=4, **settings)
    assert drawn(tmp_path) == [(1, "improvement"), (2, "improvement"), (4, "improvement")]


def test_an_older_checkpoint_continues_without_double_snapshots(tmp_path):
    """As after a kill: the record has more than the checkpoint; what is beyond is removed and drawn again."""

    def callbacks():
        return [evolution(tmp_path, trigger="every_epoch"), ModelCheckpoint(tmp_path, "{epoch}", save_top_k=-1)]

    fit(tmp_path, callbacks(), max_epochs=4, enable_checkpointing=True)
    assert [epoch for epoch, _ in drawn(tmp_path)] == [1, 2, 3, 4]
    saved = tmp_path / "checkpoints"
    old = (saved / "epoch=002.safetensors").read_bytes(), (saved / "epoch=004.safetensors").read_bytes()
    fit(tmp_path, callbacks(), resume=tmp_path / "epoch=1.ckpt", max_epochs=3, enable_checkpointing=True)
    assert [epoch for epoch, _ in drawn(tmp_path)] == [1, 2, 3]
    assert (saved / "epoch=002.safetensors").read_bytes() == old[0]
    assert not (saved / "epoch=004.safetensors").exists()
    assert not (tmp_path / "evolution" / "epoch=004").exists()


def test_a_training_that_was_killed_after_its_last_epoch_draws_it_when_resumed(tmp_path):
    class Killed(Callback):
        def on_train_end(self, trainer, pl_module):
            raise RuntimeError("killed")

    def callbacks():
        evolves = evolution(tmp_path, trigger="every_n", every_n=99)
        return [evolves, ModelCheckpoint(tmp_path, "{epoch}", save_top_k=-1)]

    settings = {"max_epochs": 2, "enable_checkpointing": True}
    with pytest.raises(RuntimeError, match="killed"):
        fit(tmp_path, [Killed(), *callbacks()], **settings)
    assert not (tmp_path / "evolution" / "index.jsonl").exists()
    fit(tmp_path, callbacks(), resume=tmp_path / "epoch=1.ckpt", **settings)
    assert drawn(tmp_path) == [(2, "last_epoch")]


def test_without_a_folder_renders_are_in_the_folder_of_the_logger(tmp_path):
    callback = FeatureEvolutionCallback(CLASSES, SIZE, steps=2)
    fit(tmp_path, [callback], max_epochs=1, logger=CSVLogger(tmp_path, name="runs"))
    assert drawn(tmp_path / "runs" / "version_0") == [(1, "improvement")]


def test_an_unvalidated_last_epoch_has_no_accuracy(tmp_path):
    """Validation every second epoch: the weights of the fifth are not validated."""
    values = [0.9, 0.8, 0.7, 0.6, 0.5]
    callback = evolution(tmp_path, monitor="scripted")
    _, module = fit(tmp_path, [callback], Scripted(values), max_epochs=5, check_val_every_n_epoch=2)
    assert drawn(tmp_path) == [(2, "improvement"), (5, "last_epoch")]
    last = index(tmp_path)[-1]
    assert (last["step"], last["val_acc"], last["value"]) == (10, None, None)
    assert last["provenance"]["weights"] == weights_hash(module.state_dict())


def test_a_stop_within_an_epoch_is_drawn(tmp_path):
    _, module = fit(tmp_path, [evolution(tmp_path)], max_steps=3, max_epochs=-1)
    last = index(tmp_path)[-1]
    assert (last["step"], last["trigger"]) == (3, "last_epoch")
    assert last["provenance"]["weights"] == weights_hash(module.state_dict())


def test_a_callback_can_be_used_again(tmp_path):
    callback = evolution(tmp_path / "a", monitor="scripted")
    fit(tmp_path, [callback], Scripted([0.9, 0.8, 0.7]))
    callback.folder = tmp_path / "b"
    fit(tmp_path, [callback], Scripted([0.5, 0.6, 0.4]))
    assert drawn(tmp_path / "b") == [(1, "improvement"), (2, "improvement"), (3, "last_epoch")]


def test_a_monitored_loss_is_not_an_accuracy(tmp_path):
    fit(tmp_path, [evolution(tmp_path, monitor="val_loss", mode="min", trigger="every_epoch")], max_epochs=1)
    (entry,) = index(tmp_path)
    assert (entry["monitor"], entry["value"]) == ("val_loss", entry["val_loss"])
    assert entry["val_acc"] != entry["val_loss"]


def test_an_accuracy_by_another_name_is_one(tmp_path):
    fit(tmp_path, [evolution(tmp_path, monitor="scripted")], Scripted([0.5]), max_epochs=1)
    entry = index(tmp_path)[0]
    assert entry["monitor"] == "scripted"
    assert entry["value"] == pytest.approx(0.5)


def test_two_evolutions_of_one_training(tmp_path):
    two = [evolution(tmp_path / name, regularizer=name, trigger="every_epoch") for name in ("paper", "none")]
    checkpoint = ModelCheckpoint(tmp_path, save_last=True)
    fit(tmp_path, [*two, checkpoint], max_epochs=1, enable_checkpointing=True)
    assert drawn(tmp_path / "paper") == drawn(tmp_path / "none") == [(1, "every_epoch")]
    states = torch.load(tmp_path / "last.ckpt", weights_only=True)["callbacks"]
    assert len([key for key in states if "FeatureEvolution" in key]) == 2


def test_two_evolutions_in_one_folder_are_refused(tmp_path):
    two = [evolution(tmp_path, regularizer=name) for name in ("paper", "none")]
    with pytest.raises(ValueError, match="two evolutions of one trainer need a folder each"):
        fit(tmp_path, two, max_epochs=1)


class Odd(Module):
    """Tied weights and extra state, which safetensors cannot save directly."""

    def __init__(self):
        super().__init__()
        self.tied = torch.nn.Linear(24, len(CLASSES))
        self.tied.weight = self.net[6].weight  # type: ignore[assignment]

    def get_extra_state(self):
        return {"words": "any"}

    def set_extra_state(self, state):
        pass


def test_tied_weights_and_extra_state_are_saved(tmp_path):
    _, module = fit(tmp_path, [evolution(tmp_path, trigger="every_epoch")], Odd(), max_epochs=1)
    assert drawn(tmp_path) == [(1, "every_epoch")]
    saved = load_file(tmp_path / "checkpoints" / "epoch=001.safetensors")
    assert torch.equal(saved["tied.weight"], module.tied.weight)


def test_a_full_disk_is_logged_and_training_continues(tmp_path, monkeypatch, caplog):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("featevo.record.tensors.save_file", full)
    trainer, _ = fit(tmp_path, [evolution(tmp_path, trigger="every_epoch")], max_epochs=2)
    assert trainer.current_epoch == 2
    assert drawn(tmp_path) == [(1, "every_epoch"), (2, "every_epoch")]
    assert caplog.text.count("epoch=002.safetensors cannot be written; the images are recorded") == 1
    monkeypatch.setattr("featevo.record.store.save_image", full)
    trainer, _ = fit(tmp_path, [evolution(tmp_path / "b", trigger="every_epoch")], max_epochs=1)
    assert [entry["error"] for entry in index(tmp_path / "b")] == ["OSError: [Errno 28] No space left on device"]
    monkeypatch.setattr("featevo.record.index.write_text", full)
    trainer, _ = fit(tmp_path, [evolution(tmp_path / "c", trigger="every_epoch")], max_epochs=1)
    assert trainer.current_epoch == 1
    assert caplog.text.count("Recording epoch 1 failed; training goes on (OSError: [Errno 28] No space left") == 2
    assert "Traceback" not in caplog.text


def test_a_folder_removed_during_training_is_made_again(tmp_path, caplog):
    class Remove(pl.Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            if trainer.current_epoch == 1:
                shutil.rmtree(tmp_path / "run")

    folder = tmp_path / "run"
    trainer, _ = fit(tmp_path, [evolution(folder, trigger="every_epoch"), Remove()], max_epochs=2)
    assert trainer.current_epoch == 2
    assert drawn(folder) == [(2, "every_epoch")]
    assert (folder / "evolution.png").is_file()


def test_training_goes_on_where_its_folder_was(tmp_path, caplog):
    class Replace(pl.Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            if trainer.current_epoch == 1:
                shutil.rmtree(tmp_path / "run")
                (tmp_path / "run").touch()

    trainer, _ = fit(tmp_path, [evolution(tmp_path / "run", trigger="every_epoch"), Replace()], max_epochs=3)
    assert trainer.current_epoch == 3
    assert "Traceback" not in caplog.text
    assert caplog.text.count("training goes on") == 3  # two snapshots, and once the table
    assert "Page: " not in caplog.text


def test_without_a_logger_every_fit_has_a_folder_of_its_own(tmp_path):
    for version in range(2):
        fit(tmp_path, [FeatureEvolutionCallback(CLASSES, SIZE, steps=2)], max_epochs=1)
        assert drawn(tmp_path / "featevo_runs" / f"version_{version}") == [(1, "improvement")]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"on_error": "ignore"}, "on_error=ignore: there are continue, raise"),
        ({"trigger": "never"}, "trigger=never: there are"),
        ({"regularizer": "papr"}, "regularizer='papr' is not known"),
        ({"classes": "cat"}, "classes='cat': name the classes"),
        (
            {"classes": 10},
            r"classes=10: name the classes, in the order of the module's logits, such as \['cat', 'dog'\]",
        ),
        ({"classes": ["cat", "cat"]}, "'cat' is named twice"),
        ({"std": (0.0,)}, r"std\[0\]=0.0: must be above 0"),
        ({"mean": (0.5, 0.5), "channels": 3}, "give one number, or one for each of 3 channels"),
        ({"std": (float("inf"),)}, r"std\[0\]=inf: must be finite"),
        ({"mean": (float("nan"),)}, r"mean=\(nan,\): must be finite"),
        ({"steps": 0}, "steps=0: must be above 0"),
        ({"steps": "10"}, "steps='10': must be a whole number"),
        ({"mean": 0.5, "std": 0.25}, r"mean=0.5: must be a list of numbers, such as \[0.5\]"),
        ({"std": 0.25}, r"std=0.25: must be a list of numbers, such as \[0.5\]"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        FeatureEvolutionCallback(**{"classes": CLASSES, "image_size": SIZE, **settings})


def test_no_classes_is_an_error():
    with pytest.raises(ValueError, match="name the classes"):
        FeatureEvolutionCallback([], SIZE)
