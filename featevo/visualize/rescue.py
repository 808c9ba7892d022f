"""Help for dead units: where no gradient comes through the ReLUs, let some leak for the first steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

LEAK = 0.1
"""Slope of the leaking gradient."""

RESCUE_STEPS = 16
"""How many first steps may be helped; lucid's number (`misc/redirected_relu_grad.py`)."""


@contextmanager
def leaky_gradients(model: nn.Module) -> Iterator[None]:
    """Within: every `nn.ReLU` answers as ever, but its gradient is that of a leaky ReLU. The hooks go with it."""
    inputs: dict[nn.Module, Tensor] = {}

    def before(module: nn.Module, arguments: Any) -> None:
        inputs[module] = arguments[0].clone()  # a ReLU that works in place would overwrite it

    def after(module: nn.Module, arguments: Any, output: Tensor) -> Tensor:
        leaking = LEAK * inputs.pop(module)
        return output + (leaking - leaking.detach())

    handles = []
    try:
        for module in model.modules():
            if isinstance(module, nn.ReLU):
                handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
        yield
    finally:
        for handle in handles:
            handle.remove()
