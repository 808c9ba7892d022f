"""Promise 1: training with the callback is bit for bit training without it, after any error, too.

That `silent` finds what a callback changes is tested in tests/silent/test_twins.py.
"""

import json
import random

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger
from torch.utils.data import TensorDataset

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.measure.confusion import CropConfusion
from featevo.measure.controls import Real
from featevo.measure.measuring import Measuring
from featevo.model.classifier import Classifier
from featevo.model.robustness import L2, Noise
from featevo.silent import silent
from tests.evolve.parts import CLASSES, SIZE, Module, pictures
from tests.silent.parts import trainings

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


class Draws(FeatureEvolutionCallback):
    """Draws at every epoch, before and after training, few steps."""

    def __init__(self, folder, **settings):
        super().__init__(CLASSES, SIZE, trigger="every_epoch", before_training=True, steps=4, folder=folder, **settings)


def assert_untouched(folder, draws, module=Module, **settings):
    """Training on two batches of 12 an epoch, shuffled by the global random stream, is the same with `draws`."""
    certificate = silent(trainings(folder, module, **{"max_epochs": 3, **settings}), draws, seed=1)
    assert certificate, certificate


SETTINGS = {
    "plain": {},
    "accumulation": {"accumulate_grad_batches": 2},
    "validation within an accumulation": {"accumulate_grad_batches": 2, "val_check_interval": 1},
    "bf16-mixed": {"precision": "bf16-mixed"},
    "sanity check": {"num_sanity_val_steps": 1},
    "deterministic": {"deterministic": True},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_training_is_untouched(tmp_path, settings):
    assert_untouched(tmp_path, Draws(tmp_path), **settings)
    assert len(list(tmp_path.glob("evolution/*/*.png"))) >= 4 * len(CLASSES)


class Robust(Classifier):
    """Our own module, with its losses."""

    def __init__(self, perturbation):
        super().__init__(
            Module().net, len(CLASSES), lambda own: torch.optim.Adam(own, 0.02), (0.0,), (1.0,), None, perturbation
        )
        self.losses = []

    def training_step(self, batch, batch_idx):
        loss = super().training_step(batch, batch_idx)
        self.losses.append(loss.item())
        return loss


@pytest.mark.parametrize("perturbation", [L2(steps=2), Noise()], ids=["l2", "noise"])
def test_robust_training_is_untouched(tmp_path, perturbation):
    modules = []

    def made(perturbation=perturbation):
        modules.append(Robust(perturbation))
        return modules[-1]

    assert_untouched(tmp_path, Draws(tmp_path), made)
    assert len(list(tmp_path.glob("evolution/*/*.png"))) >= 4 * len(CLASSES)
    assert_untouched(tmp_path, pl.Callback(), lambda: made(None))
    assert modules[0].losses != modules[-1].losses  # there was a perturbation


@pytest.mark.parametrize("name", ["yosinski4", "mahendran", "lucid", "maco"])
def test_training_is_untouched_by_random_transforms_and_optimizers(tmp_path, name):
    examples = pictures(0, 24).tensors[0]
    draws = Draws(tmp_path, regularizer=name, start="last", objective="log_probability", examples=examples)
    assert_untouched(tmp_path, draws)
    assert len(list(tmp_path.glob("evolution/*/*.png"))) >= 4 * len(CLASSES)


class Disturbs:
    """A measure that draws from all global streams."""

    name = "confusion/disturbing"

    def __call__(self, subject):
        torch.rand(3), np.random.rand(3), random.random()
        return subject.probabilities.diagonal()


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_training_is_untouched_by_measuring(tmp_path, settings):
    (train, _), (val, val_labels) = (pictures(seed, 12).tensors for seed in (0, 1))
    real = Real(train, val, val_labels)
    measuring = Measuring(lambda judge: [Disturbs(), CropConfusion()], lambda: real, seeds=1)
    assert_untouched(tmp_path, Draws(tmp_path, measuring=measuring), **settings)
    assert '"confusion/crops": 0.' in (tmp_path / "evolution" / "index.jsonl").read_text()


def test_training_is_untouched_by_real_images(tmp_path):
    def real(each):
        torch.rand(3), np.random.rand(3), random.random()
        return pictures(1, 12).tensors

    assert_untouched(tmp_path, Draws(tmp_path, real=real))
    assert len(list(tmp_path.glob("evolution/real/*.png"))) == 4 * len(CLASSES)
    assert len(list(tmp_path.glob("evolution/*/grams.safetensors"))) == 4
    found = json.loads((tmp_path / "evolution" / "layers.json").read_text())
    assert found["layers"] == ["net.0", "net.6"]


class Augmented(TensorDataset):
    """A user's data set, whose entries use all global random streams."""

    def __getitem__(self, place):
        torch.rand(3), np.random.rand(3), random.random()
        return super().__getitem__(place)


def test_training_is_untouched_by_all_that_a_project_gets(tmp_path):
    data = Augmented(*pictures(1, 60).tensors)
    draws = Draws(tmp_path, real=data, measures=True, name="mine", output=lambda logits: logits)
    assert_untouched(tmp_path, draws, logger=TensorBoardLogger(tmp_path / "logs"))
    assert (tmp_path / "report.html").is_file()
    assert "information/depth" in (tmp_path / "evolution" / "index.jsonl").read_text()


class Fails(Module):
    """Raises during drawing, after it has used all global random streams."""

    drawing_calls = 0

    def forward(self, images):
        if images.requires_grad:
            torch.rand(3), np.random.rand(3), random.random()
            self.drawing_calls += 1
            if self.drawing_calls % 3 == 0:
                raise RuntimeError("a failing render")
        return super().forward(images)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_training_is_untouched_when_drawing_raises(tmp_path, settings):
    assert_untouched(tmp_path, Draws(tmp_path), Fails, **settings)
    assert not list(tmp_path.glob("evolution/*/*.png"))


def test_frozen_parts_stay_frozen(tmp_path):
    def module():
        module = Module()
        module.net[0].requires_grad_(False)
        return module

    assert_untouched(tmp_path, Draws(tmp_path), module)
