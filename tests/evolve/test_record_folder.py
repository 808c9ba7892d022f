"""A record holds one training: what continues it, and the folder of any other training."""

import json

import pytest
import torch
from pytorch_lightning.callbacks import LearningRateFinder, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger

from featevo.evolve.callback import FeatureEvolutionCallback
from tests.evolve.parts import CLASSES, SIZE, Module, fit, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
    pytest.mark.filterwarnings("ignore:Be aware that when using `ckpt_path`"),
]

REFUSED = "holds the record of another training; choose another folder, or continue that training"


def evolution(folder=None, **settings):
    return FeatureEvolutionCallback(CLASSES, SIZE, folder=folder, **{"steps": 2, "trigger": "every_epoch", **settings})


def lines(folder):
    return [json.loads(line) for line in (folder / "evolution" / "index.jsonl").read_text().splitlines()]


def epochs(folder):
    return [line["epoch"] for line in lines(folder)]


def trainings(folder):
    return {line["training"] for line in lines(folder)}


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def saved(folder, training, **settings):
    """A training of one epoch into `training`, and its checkpoint."""
    checkpoint = ModelCheckpoint(folder, filename="last")
    fit(folder, [evolution(training), checkpoint], max_epochs=1, enable_checkpointing=True, **settings)
    return folder / "last.ckpt"


def test_another_training_into_a_given_folder_is_refused_and_changes_nothing(tmp_path):
    fit(tmp_path, [evolution(tmp_path)], max_epochs=1)
    before = files(tmp_path)
    with pytest.raises(ValueError, match=REFUSED):
        fit(tmp_path, [evolution(tmp_path)], max_epochs=1)
    assert files(tmp_path) == before


def test_a_second_fit_with_the_same_callback_is_another_training(tmp_path):
    callback = evolution(tmp_path)
    fit(tmp_path, [callback], max_epochs=1)
    before = files(tmp_path)
    with pytest.raises(ValueError, match=REFUSED):
        fit(tmp_path, [callback], max_epochs=1)
    assert files(tmp_path) == before


@pytest.mark.parametrize("kind", [CSVLogger, TensorBoardLogger])
def test_another_training_gets_its_own_folder_near_the_loggers(tmp_path, kind):
    logger, callback = kind(tmp_path, name="runs"), evolution()
    for _ in range(3):
        fit(tmp_path, [callback], logger=logger, max_epochs=1)
    folders = [tmp_path / "runs" / name for name in ("version_0", "version_0_2", "version_0_3")]
    assert [epochs(folder) for folder in folders] == [[1], [1], [1]]
    assert len(set.union(*map(trainings, folders))) == 3
    assert kind(tmp_path, name="runs").version == 1


def test_a_training_without_a_logger_has_its_folder_from_the_start(tmp_path):
    """Not only from the first render on, as two trainings that start together would then choose the same one."""
    fit(tmp_path, [evolution(trigger="improvement", monitor="none", last_epoch=False)], max_epochs=1)
    fit(tmp_path, [evolution()], max_epochs=1)
    assert epochs(tmp_path / "featevo_runs" / "version_1") == [1]


@pytest.mark.parametrize("given", [True, False])
def test_a_checkpoint_continues_its_own_record(tmp_path, given):
    folder = tmp_path / "record" if given else None
    checkpoint = saved(tmp_path, folder)
    fit(tmp_path, [evolution(folder)], resume=checkpoint, max_epochs=3)
    place = folder or tmp_path / "featevo_runs" / "version_0"
    assert epochs(place) == [1, 2, 3]
    (training,) = trainings(place)
    (state,) = (
        state
        for key, state in torch.load(checkpoint, weights_only=True)["callbacks"].items()
        if "FeatureEvolution" in key
    )
    assert training == state["training"]


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    checkpoint = saved(tmp_path, tmp_path / "one")
    fit(tmp_path, [evolution(tmp_path / "two")], max_epochs=1)
    before = files(tmp_path)
    with pytest.raises(ValueError, match=REFUSED):
        fit(tmp_path, [evolution(tmp_path / "two")], resume=checkpoint, max_epochs=3)
    assert files(tmp_path) == before


def test_a_checkpoint_without_the_callback_is_refused(tmp_path):
    fit(tmp_path, [ModelCheckpoint(tmp_path, filename="last")], max_epochs=1, enable_checkpointing=True)
    fit(tmp_path, [evolution(tmp_path / "record")], max_epochs=1)
    with pytest.raises(ValueError, match=REFUSED):
        fit(tmp_path, [evolution(tmp_path / "record")], resume=tmp_path / "last.ckpt", max_epochs=3)
    assert epochs(tmp_path / "record") == [1]


def test_a_record_and_a_checkpoint_without_ids_continue(tmp_path):
    record = tmp_path / "record"
    path = saved(tmp_path, record)
    checkpoint = torch.load(path, weights_only=True)
    for key, state in checkpoint["callbacks"].items():
        if "FeatureEvolution" in key:
            del state["training"]
    torch.save(checkpoint, path)
    old = [{key: value for key, value in line.items() if key != "training"} for line in lines(record)]
    (record / "evolution" / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old))
    with pytest.raises(ValueError, match=REFUSED):
        fit(tmp_path, [evolution(record)], max_epochs=1)
    again = ModelCheckpoint(tmp_path, filename="again")
    fit(tmp_path, [evolution(record), again], resume=path, max_epochs=2, enable_checkpointing=True)
    fit(tmp_path, [evolution(record)], resume=tmp_path / "again.ckpt", max_epochs=3)
    assert epochs(record) == [1, 2, 3]
    assert [line.get("training") is None for line in lines(record)] == [True, False, False]


def continue_fit(trainer, module):
    trainer.fit_loop.max_epochs += 1
    trainer.fit(module, trainer.train_dataloader, trainer.val_dataloaders)


@pytest.mark.parametrize("given", [True, False])
def test_a_trainer_that_continues_its_module_continues_its_record(tmp_path, given):
    folder = tmp_path / "record" if given else None
    trainer, module = fit(tmp_path, [evolution(folder)], max_epochs=1)
    continue_fit(trainer, module)
    place = folder or tmp_path / "featevo_runs" / "version_0"
    assert epochs(place) == [1, 2]
    assert len(trainings(place)) == 1


def test_a_trainer_that_continues_with_another_module_is_another_training(tmp_path):
    trainer, _ = fit(tmp_path, [evolution()], max_epochs=1, logger=CSVLogger(tmp_path, name="runs"))
    continue_fit(trainer, Module())
    assert [epochs(tmp_path / "runs" / name) for name in ("version_0", "version_0_2")] == [[1], [2]]


def test_a_dry_run_does_not_change_an_existing_record(tmp_path):
    fit(tmp_path, [evolution(tmp_path)], max_epochs=1)
    (tmp_path / "evolution.png").unlink()
    before = files(tmp_path)
    for folder in (tmp_path, None):
        fit(tmp_path, [evolution(folder, real=lambda each: pictures(1, 12).tensors)], fast_dev_run=True)
    assert files(tmp_path) == before
    assert not (tmp_path / "featevo_runs").exists()


class Tuned(Module):
    """Has a learning rate for Lightning's tuner."""

    def __init__(self):
        super().__init__()
        self.lr = 0.01

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)


def test_the_checkpoint_of_a_tuner_is_not_continued(tmp_path):
    """Lightning's tuners save a checkpoint before training and load it again."""

    def fitted(folder):
        finder = LearningRateFinder(num_training_steps=3, early_stop_threshold=None, update_attr=False)
        return fit(tmp_path, [finder, evolution(folder)], Tuned(), max_epochs=1)

    fitted(tmp_path / "record")
    assert epochs(tmp_path / "record") == [1]
    with pytest.raises(ValueError, match=REFUSED):
        fitted(tmp_path / "record")
    assert epochs(tmp_path / "record") == [1]


def test_two_evolutions_have_a_training_each_and_continue_together(tmp_path):
    def two():
        return [evolution(tmp_path / name, regularizer=name) for name in ("paper", "none")]

    checkpoint = ModelCheckpoint(tmp_path, filename="last")
    fit(tmp_path, [*two(), checkpoint], max_epochs=1, enable_checkpointing=True)
    fit(tmp_path, two(), resume=tmp_path / "last.ckpt", max_epochs=2)
    assert epochs(tmp_path / "paper") == epochs(tmp_path / "none") == [1, 2]
    assert len(trainings(tmp_path / "paper") | trainings(tmp_path / "none")) == 2
