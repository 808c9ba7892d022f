"""Promise 1: training with the callback is bit for bit training without it, after any error, too."""

import json
import random

import numpy as np
import pytest
import pytorch_lightning as pl
import torch

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.measure.confusion import CropConfusion
from featevo.measure.controls import Real
from featevo.measure.measuring import Measuring
from featevo.model.classifier import Classifier
from featevo.model.robustness import L2, Noise
from tests.evolve.parts import CLASSES, SIZE, Module, fit, pictures

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


class Draws(FeatureEvolutionCallback):
    """Draws at every epoch, before and after training, few steps."""

    def __init__(self, folder, **settings):
        super().__init__(CLASSES, SIZE, trigger="every_epoch", before_training=True, steps=4, folder=folder, **settings)


class Traces(pl.Callback):
    """Everything that drawing could change, at the start of each epoch."""

    def __init__(self) -> None:
        self.seen: list[dict[str, object]] = []

    def on_train_epoch_start(self, trainer, pl_module):
        cudnn = torch.backends.cudnn
        self.seen.append(
            {
                "torch": torch.get_rng_state().tolist(),
                "numpy": str(np.random.get_state()),
                "python": random.getstate(),
                "modes": [module.training for module in pl_module.modules()],
                "requires_grad": [parameter.requires_grad for parameter in pl_module.parameters()],
                "grads": [None if p.grad is None else p.grad.tolist() for p in pl_module.parameters()],
                "grad_mode": (torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")),
                "cudnn": (cudnn.enabled, cudnn.benchmark, cudnn.deterministic),
                "deterministic": torch.are_deterministic_algorithms_enabled(),
            }
        )


def outcome(folder, callbacks, **settings):
    traces = Traces()
    module = settings.pop("module", None)
    trainer, module = fit(folder, [traces, *callbacks], module=module, **settings)
    return {
        "weights": {name: tensor.clone() for name, tensor in module.state_dict().items()},
        "optimizer": trainer.optimizers[0].state_dict()["state"],
        "losses": module.losses,
        "traces": traces.seen,
        "rng": torch.get_rng_state(),
    }


def same(one, other):
    """Bit-identical, to any depth."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return one == other


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
    without = outcome(tmp_path, [], **settings)
    with_it = outcome(tmp_path, [Draws(tmp_path)], **settings)
    assert len(list(tmp_path.glob("evolution/*/*.png"))) >= 4 * len(CLASSES)
    assert same(without, with_it)


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
    def trained(perturbation, *callbacks):
        pl.seed_everything(2, verbose=False)
        return outcome(tmp_path, callbacks, module=Robust(perturbation))

    without, with_it = trained(perturbation), trained(perturbation, Draws(tmp_path))
    assert len(list(tmp_path.glob("evolution/*/*.png"))) >= 4 * len(CLASSES)
    assert same(without, with_it)
    assert not same(without["losses"], trained(None)["losses"])  # there was a perturbation


@pytest.mark.parametrize("name", ["yosinski4", "mahendran", "lucid", "maco"])
def test_training_is_untouched_by_random_transforms_and_optimizers(tmp_path, name):
    examples = pictures(0, 24).tensors[0]
    draws = Draws(tmp_path, regularizer=name, start="last", objective="log_probability", examples=examples)
    assert same(outcome(tmp_path, []), outcome(tmp_path, [draws]))
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
    without = outcome(tmp_path, [], **settings)
    assert same(without, outcome(tmp_path, [Draws(tmp_path, measuring=measuring)], **settings))
    assert '"confusion/crops": 0.' in (tmp_path / "evolution" / "index.jsonl").read_text()


def test_training_is_untouched_by_real_images(tmp_path):
    def real(each):
        torch.rand(3), np.random.rand(3), random.random()
        return pictures(1, 12).tensors

    without = outcome(tmp_path, [])
    assert same(without, outcome(tmp_path, [Draws(tmp_path, real=real)]))
    assert len(list(tmp_path.glob("evolution/real/*.png"))) == 4 * len(CLASSES)
    assert len(list(tmp_path.glob("evolution/*/grams.safetensors"))) == 4
    found = json.loads((tmp_path / "evolution" / "layers.json").read_text())
    assert found["layers"] == ["net.0", "net.6"]


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
    without = outcome(tmp_path, [], module=_seeded(Fails), **settings)
    with_it = outcome(tmp_path, [Draws(tmp_path)], module=_seeded(Fails), **settings)
    assert same(without, with_it)
    assert not list(tmp_path.glob("evolution/*/*.png"))


def test_frozen_parts_stay_frozen(tmp_path):
    def module():
        module = _seeded(Module)
        module.net[0].requires_grad_(False)
        return module

    assert same(outcome(tmp_path, [], module=module()), outcome(tmp_path, [Draws(tmp_path)], module=module()))


class Careless(pl.Callback):
    """Makes a careless call at the end of each validation."""

    def __init__(self, call):
        self.call = call

    def on_validation_end(self, trainer, pl_module):
        self.call(pl_module)


def _train_mode_forward(module):
    module.train()
    with torch.enable_grad():
        module(torch.rand(4, 3, SIZE, SIZE, generator=torch.Generator()))


def _backward(module):
    with torch.enable_grad():
        module(torch.zeros(4, 3, SIZE, SIZE)).sum().backward()


@pytest.mark.parametrize(
    ("call", "settings"),
    [
        (lambda module: torch.rand(1), {}),
        (lambda module: np.random.rand(1), {}),
        (lambda module: random.random(), {}),
        (_train_mode_forward, {}),
        (_backward, {"accumulate_grad_batches": 2, "val_check_interval": 1}),
        (lambda module: module.zero_grad(), {"accumulate_grad_batches": 2, "val_check_interval": 1}),
        (lambda module: module.net[0].requires_grad_(False), {}),
    ],
    ids=["torch", "numpy", "python", "train mode", "backward", "zero_grad", "requires_grad"],
)
def test_a_careless_callback_is_detected(tmp_path, call, settings):
    """Negative controls: the comparison detects the effects of careless callbacks."""
    assert not same(outcome(tmp_path, [], **settings), outcome(tmp_path, [Careless(call)], **settings))


def _seeded(module):
    pl.seed_everything(1, verbose=False)
    return module()
