"""Callbacks with real faults, each in a real training: the certificate names the first thing that differs."""

import random
from functools import partial
from typing import ClassVar

import lightning
import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.silent import UnusableError, silent
from featevo.silent.hooks import HOOKS
from featevo.silent.witness import Place
from tests.evolve.parts import CLASSES, SIZE, Module, pictures
from tests.silent.parts import AppearanceModel, InStep3, Plain, images, saliency, trainings

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]

EQUAL, DIFFER = "losses and final weights are equal", "losses and final weights differ"
LATE = "losses are equal, final weights differ"  # step 4 is the last


class Reads(pl.Callback):
    """A careful one in every hook: a saliency map in eval mode, norms of weights and gradients, copies."""

    def __init__(self):
        self.seen = []

    def _read(self, trainer, pl_module, *arguments, **named):
        modes = [module.training for module in pl_module.modules()]
        pl_module.eval()
        self.seen.append(saliency(pl_module))
        for module, mode in zip(pl_module.modules(), modes, strict=True):
            module.training = mode
        self.seen += [parameter.norm().item() for parameter in pl_module.parameters()]
        self.seen += [arguments, torch.rand(2, generator=torch.Generator())]

    on_train_start = on_train_epoch_start = on_train_batch_start = on_train_batch_end = on_after_backward = _read
    on_train_epoch_end = on_train_end = on_fit_end = on_validation_end = _read


def test_a_callback_that_only_reads_is_silent(tmp_path):
    callback = Reads()
    certificate = silent(trainings(tmp_path), callback)
    assert certificate
    # Six parameters, each with its gradient and Adam's two moments and step; three buffers.
    assert str(certificate) == "silent: 4 steps, 33 tensors, 3 random streams: equal bit for bit"
    assert len(callback.seen) > 20 * 9
    assert not {*vars(callback)} & {*HOOKS}, "the hooks are its own again"


def evolution(folder):
    return FeatureEvolutionCallback(CLASSES, SIZE, trigger="every_epoch", before_training=True, steps=3, folder=folder)


class Net(lightning.LightningModule):
    """A module of the other package."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * SIZE * SIZE, 3))

    def forward(self, images):
        return self.net(images)

    def training_step(self, batch, batch_idx):
        return nn.functional.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self.log("val_acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


@pytest.mark.parametrize(("package", "kind"), [(pl, Module), (lightning, Net)], ids=["pytorch_lightning", "lightning"])
def test_our_callback_is_silent(tmp_path, package, kind):
    certificate = silent(trainings(tmp_path, kind, package), evolution(tmp_path))
    assert certificate, certificate
    assert len(list(tmp_path.glob("evolution/epoch=*/*.png"))) == 3 * len(CLASSES), "it has drawn"


class Draws(lightning.Callback):
    def on_train_epoch_start(self, trainer, pl_module):
        random.random()


def test_a_project_of_the_other_package(tmp_path):
    make_trainer = trainings(tmp_path, Net, lightning)
    assert silent(make_trainer, lightning.Callback)
    found = silent(make_trainer, Draws)
    assert str(found) == f"not silent: on_train_epoch_start before step 1 changed python's random stream; {EQUAL}"


def test_a_class_that_is_drawn_from_the_global_random_stream(tmp_path):
    """With dropout, the weights differ; without, only the stream does, and whatever draws from it next."""
    callback = AppearanceModel()
    found = silent(trainings(tmp_path), callback)
    assert not found
    assert callback.images[0].shape == (3, SIZE, SIZE)
    names = "gradient of net.0.weight and 5 more, torch's random stream"
    place = "on_train_epoch_end after step 2 (epoch 1)"
    assert str(found) == f"not silent: {place} changed {names}; {DIFFER}"
    assert found.difference is not None
    assert found.difference.names[-1] == "torch's random stream"
    assert found.difference.place == Place("on_train_epoch_end", step=2, epoch=1)
    last = "on_train_epoch_end after step 4 (epoch 2)"
    found = silent(trainings(tmp_path, Plain), AppearanceModel(epoch=1))
    assert str(found) == f"not silent: {last} changed {names}; {EQUAL}"


def _forward_in_train_mode(pl_module):
    with torch.no_grad():
        pl_module(images())


def _backward_into_grad(pl_module):
    mode = pl_module.training
    batch = images().requires_grad_()
    pl_module.eval()
    pl_module(batch).sum().backward()
    pl_module.train(mode)


def _optimizer(pl_module):
    return pl_module.optimizers().optimizer


IN_STEP_3 = {
    "leaves eval mode on": (
        lambda module: module.eval(),
        "mode of the module and 8 more",
        DIFFER,
    ),
    "leaves a layer in eval mode": (lambda module: module.net[1].eval(), "mode of net.1", DIFFER),
    "calls `backward`, which adds to the gradients of the weights": (
        _backward_into_grad,
        "gradient of net.0.weight and 5 more",
        EQUAL,  # the next step clears them
    ),
    "a forward pass in train mode, which moves statistics of batch norm": (
        _forward_in_train_mode,
        "net.1.running_mean and 2 more, torch's random stream",
        DIFFER,
    ),
    "clears gradients": (
        lambda module: module.zero_grad(),
        "gradient of net.0.weight and 5 more",
        EQUAL,
    ),
    "freezes a parameter": (
        lambda module: module.net[6].bias.requires_grad_(False),
        "requires_grad of net.6.bias",
        LATE,
    ),
    "changes a weight": (lambda module: module.net[6].bias.data[0].add_(0.1), "net.6.bias", DIFFER),
    "changes the learning rate": (
        lambda module: _optimizer(module).param_groups[0].update(lr=0.1),
        "the optimizer's lr",
        LATE,
    ),
    "draws from PyTorch's global stream": (lambda module: torch.rand(1), "torch's random stream", DIFFER),
    "draws from NumPy's global stream": (lambda module: np.random.rand(1), "numpy's random stream", EQUAL),
    "stops the training": (
        lambda module: setattr(module.trainer, "should_stop", True),
        "the trainer's should_stop",
        DIFFER,
    ),
    "sets the default dtype": (lambda module: torch.set_default_dtype(torch.float64), "the default dtype", EQUAL),
}


@pytest.mark.parametrize(("call", "names", "end"), IN_STEP_3.values(), ids=IN_STEP_3)
def test_a_careless_callback(tmp_path, call, names, end):
    before = torch.get_rng_state(), random.getstate(), torch.get_default_dtype()
    found = silent(trainings(tmp_path), InStep3(call))
    assert str(found) == f"not silent: on_train_batch_end in step 3 (epoch 2) changed {names}; {end}"
    assert torch.equal(before[0], torch.get_rng_state())
    assert (random.getstate(), torch.get_default_dtype()) == before[1:]


class InValidation(pl.Callback):
    """Makes a call at the end of the first validation, which is between two batches of one optimizer step."""

    SETTINGS: ClassVar = {"accumulate_grad_batches": 2, "val_check_interval": 1}

    def __init__(self, call):
        self.call = call

    def on_validation_end(self, trainer, pl_module):
        if trainer.fit_loop.epoch_loop.total_batch_idx == 0:
            with torch.enable_grad():
                self.call(pl_module)


@pytest.mark.parametrize("call", [_backward_into_grad, lambda module: module.zero_grad()], ids=["added", "cleared"])
def test_gradients_that_change_while_the_training_accumulates_them(tmp_path, call):
    found = silent(trainings(tmp_path, **InValidation.SETTINGS), InValidation(call))
    names = "gradient of net.0.weight and 5 more"
    assert str(found) == f"not silent: on_validation_end after step 1 (epoch 1) changed {names}; {DIFFER}"


CONTROLS = {
    "reads": (Reads, True),
    "draws": (partial(AppearanceModel, 0), False),
    "draws at the end": (partial(AppearanceModel, 1), True),
    "changes a weight": (lambda: InStep3(lambda module: module.net[6].bias.data[0].add_(0.1)), False),
}


@pytest.mark.parametrize(("make", "is_same"), CONTROLS.values(), ids=CONTROLS)
def test_two_plain_trainings_agree(tmp_path, make, is_same):
    """Without hashes and hooks: the weights at the end, compared by PyTorch."""

    def trained(*callbacks):
        pl.seed_everything(0, verbose=False)
        trainer, module, *data = trainings(tmp_path)(list(callbacks))
        trainer.fit(module, *data)
        return module.state_dict()

    without, with_it = trained(), trained(make())
    assert all(torch.equal(tensor, with_it[name]) for name, tensor in without.items()) == is_same
    assert silent(trainings(tmp_path), make()).weights_differ == (not is_same)


def test_a_changed_batch_is_named_itself(tmp_path):
    hooks = {"on_train_batch_start": lambda trainer, module, batch, index: batch[0].pow_(1 + index)}
    found = silent(trainings(tmp_path), pl.callbacks.LambdaCallback(**hooks))
    assert str(found) == f"not silent: on_train_batch_start in step 2 (epoch 1) changed the batch; {DIFFER}"


def test_a_change_that_is_undone_before_training_goes_on_is_none(tmp_path):
    """What counts is the training: eval mode within validation, which the validation has anyway."""
    hooks = {
        "on_validation_start": lambda trainer, module: module.requires_grad_(False),
        "on_validation_end": lambda trainer, module: module.requires_grad_(True),
    }
    assert silent(trainings(tmp_path), pl.callbacks.LambdaCallback(**hooks))


def test_a_change_outside_the_hooks(tmp_path):
    def register(trainer, module):
        module.net[6].register_forward_hook(lambda layer, inputs, logits: logits * 1.01)

    found = silent(trainings(tmp_path), pl.callbacks.LambdaCallback(on_train_start=register))
    place = "on_before_backward in step 1 (epoch 1)"
    assert str(found) == f"not silent: difference at {place} in the loss, made outside its hooks; {DIFFER}"


def test_another_course_of_the_training(tmp_path):
    def shorten(trainer, module):
        trainer.fit_loop.max_epochs = 1

    found = silent(trainings(tmp_path), pl.callbacks.LambdaCallback(on_train_start=shorten))
    where = "on_train_end after step 2 (epoch 1) in the course of the training"
    assert str(found) == f"not silent: difference at {where}, made outside its hooks; {DIFFER}"


class DrawsWhenMade(pl.Callback):
    def __init__(self):
        self.start = np.random.rand(3)


def test_what_making_it_draws_counts_if_it_is_made_here(tmp_path):
    assert silent(trainings(tmp_path), DrawsWhenMade())
    found = silent(trainings(tmp_path), DrawsWhenMade)
    assert str(found) == (f"not silent: making the callback before step 1 changed numpy's random stream; {EQUAL}")


def test_a_training_that_is_not_repeatable(tmp_path):
    """Its own fault, not the callback's, which does not even train."""
    batches = torch.Generator().manual_seed(0)

    def make_trainer(callbacks):
        trainer, module, _, val = trainings(tmp_path)(callbacks)
        return trainer, module, DataLoader(pictures(0, 24), 12, shuffle=True, generator=batches), val

    callback = Reads()
    found = silent(make_trainer, callback)
    assert not found
    assert not found.is_repeatable
    assert callback.seen == []
    assert str(found) == (
        "not repeatable: two trainings without the callback differ at on_train_batch_start in step 1 (epoch 1) in the "
        "batch; make_trainer must build everything anew, with all randomness from the seed"
    )


def test_a_module_that_is_trained_again_is_not_repeatable(tmp_path):
    module = Module()

    def make_trainer(callbacks):
        trainer, _, *data = trainings(tmp_path)(callbacks)
        return trainer, module, *data

    found = silent(make_trainer, Reads())
    assert "differ at make_trainer before step 1 in net.0.weight and " in str(found)


def test_every_training_starts_from_the_seed(tmp_path):
    draws = []

    def make_trainer(callbacks):
        draws.append((torch.rand(1).item(), np.random.rand(), random.random()))
        return trainings(tmp_path, max_steps=1)(callbacks)

    assert silent(make_trainer, Reads(), seed=5)
    torch.manual_seed(5)
    assert draws == 3 * [(torch.rand(1).item(), np.random.RandomState(5).rand(), random.Random(5).random())]


def _without_callbacks(callbacks):
    return pl.Trainer(logger=False, enable_checkpointing=False), Module()


@pytest.mark.parametrize(
    ("make_trainer", "callback", "line"),
    [
        (3, Reads(), "make_trainer=3: must be a function of a list of callbacks"),
        (lambda: None, Reads(), "must be a function of a list of callbacks (too many positional arguments)"),
        (lambda callbacks: None, Reads(), "make_trainer: must return a trainer and the arguments of its fit, such as"),
        (lambda callbacks: (Module(), pl.Trainer), Reads(), "make_trainer: must return a trainer and the arguments"),
        (_without_callbacks, Reads(), "make_trainer: its trainer needs the given callbacks: Trainer(callbacks=callb"),
        (trainings(None, max_epochs=0), Reads(), "make_trainer: its training has no steps"),
        (trainings(None, devices=2), Reads(), "make_trainer: trainings of one process are compared, so set devices=1"),
        (trainings(None), 7, "callback=7: must be a callback of Lightning, or a function of no arguments"),
        (trainings(None), InStep3, "callback: InStep3 must be a function of no arguments (missing a required argu"),
        (trainings(None), Module, "callback: Module made a Module, no callback of Lightning"),
    ],
)
def test_mistakes_are_one_line(make_trainer, callback, line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnusableError) as error:
        silent(make_trainer, callback)
    assert line in str(error.value)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_the_seed_has_a_range(seed):
    with pytest.raises(UnusableError, match=f"seed={seed}: must be from 0 to 4294967295"):
        silent(trainings(None), Reads(), seed=seed)
