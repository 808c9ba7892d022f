"""Rendering leaves a model unchanged, on success and on error, also inside Lightning's no-grad modes."""

import contextlib

import pytest
import torch
from torch import nn

from featevo.visualize import ClassLogit, maximize
from featevo.visualize.network import frozen_eval


class Counts(nn.Module):
    """Changes a buffer in eval mode, as call counters and power iterations do."""

    calls: torch.Tensor
    fails = False

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Flatten())
        self.last = nn.Linear(4 * 14 * 14, 2)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, images):
        self.calls += 1
        if self.fails and self.calls == 3:
            raise RuntimeError("a failing model")
        return self.last(self.inner(images))


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = Counts()
    model.train()
    model.inner[1].eval()  # a frozen batch norm within a training model
    model.inner[0].weight.requires_grad_(False)
    model.last.weight.grad = torch.ones_like(model.last.weight)
    return model


def everything(model):
    return {
        "state": {name: tensor.clone() for name, tensor in model.state_dict().items()},
        "modes": [module.training for module in model.modules()],
        "requires_grad": [parameter.requires_grad for parameter in model.parameters()],
        "grads": [None if parameter.grad is None else parameter.grad.clone() for parameter in model.parameters()],
        "hooks": [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()],
        "grad_mode": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu")),
    }


def assert_same(before, after):
    for name, tensor in before["state"].items():
        assert torch.equal(tensor, after["state"][name]), name
    for one, other in zip(before["grads"], after["grads"], strict=True):
        assert (one is None) == (other is None)
        assert one is None or torch.equal(one, other)
    for key in ("modes", "requires_grad", "hooks", "grad_mode"):
        assert before[key] == after[key], key


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(
    "around",
    [contextlib.nullcontext, torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16)],
)
def test_the_model_is_unchanged(model, fails, around):
    model.fails = fails
    before = everything(model)
    with around():
        if fails:
            with pytest.raises(RuntimeError, match="a failing model"):
                maximize(model, ClassLogit([0, 1]), image_size=16, steps=4)
        else:
            renders = maximize(model, ClassLogit([0, 1]), image_size=16, steps=4)
            assert renders[0].trace[-1] != renders[0].trace[0]
    assert_same(before, everything(model))


def test_a_replaced_buffer_is_restored(model):
    class Replaces(Counts):
        def forward(self, images):
            self.calls = self.calls + 1
            return super().forward(images)

    model.__class__ = Replaces
    buffer = model.calls
    maximize(model, ClassLogit([0]), image_size=16, steps=3)
    assert model.calls is buffer
    assert float(buffer) == 0


def test_the_comparison_detects_a_change(model):
    """Negative control for the comparison above: the naive way, training mode and backward, changes the model."""
    before = everything(model)
    model(torch.rand(2, 3, 16, 16)).sum().backward()
    with pytest.raises(AssertionError):
        assert_same(before, everything(model))


def test_autocast_is_off_within(model):
    with torch.autocast("cpu", torch.bfloat16), frozen_eval(model):
        assert not torch.is_autocast_enabled("cpu")
        assert model.last(torch.rand(1, 784)).dtype == torch.float32
