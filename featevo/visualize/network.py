"""The model that renders go through: frozen in eval mode, input normalised, weights hashed, dead ReLUs leaky."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


@contextmanager
def frozen_eval(model: nn.Module) -> Iterator[torch.device]:
    """Within: every submodule in eval mode, parameters frozen, gradients with respect to pictures on, autocast off.

    Afterwards, also after an exception: each submodule's own mode, each parameter's `requires_grad` and all buffers are
    what they were. `.grad` is never touched, as frozen parameters receive none. Works inside `torch.no_grad` and
    `torch.inference_mode`, as in Lightning's validation hooks.

    Args:
        model: Any module; its parameters may lie on any one device.

    Yields:
        The device of the model's parameters.
    """
    parameters = list(model.parameters())
    device = next((tensor.device for tensor in [*parameters, *model.buffers()]), torch.device("cpu"))
    modes = {module: module.training for module in model.modules()}
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    # Batch-norm statistics rest in eval mode; a module that counts its own calls in a buffer does not.
    buffers = [
        (module, name, buffer, buffer.detach().clone())
        for module in modes
        for name, buffer in module._buffers.items()
        if buffer is not None
    ]
    try:
        for module in modes:
            module.training = False
        # Frozen weights spare the backward pass what it would keep for their gradients.
        for parameter in trainable:
            parameter.requires_grad_(False)
        with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device.type, enabled=False):
            yield device
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)
        for module, training in modes.items():
            module.training = training
        with torch.no_grad():
            for module, name, buffer, before in buffers:
                module._buffers[name] = buffer  # where the module put another tensor in its place
                if not torch.equal(buffer, before):
                    buffer.copy_(before)


def weights_dtype(model: nn.Module) -> torch.dtype:
    """The floating-point type of the model's weights; float32 where it has none."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)


def picture_dtype(model: nn.Module) -> torch.dtype:
    """The type to compute pictures in: half-precision weights still get float32, or small steps would vanish."""
    return torch.promote_types(weights_dtype(model), torch.float32)


def normalised(pictures: Tensor, mean: Sequence[float], std: Sequence[float], dtype: torch.dtype) -> Tensor:
    """Pictures (B, C, H, W) less `mean`, over `std`, one number each or one per channel; in this type."""
    shift, scale = (pictures.new_tensor(list(values)).view(1, -1, 1, 1) for values in (mean, std))
    return ((pictures - shift) / scale).to(dtype)


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """The model's state without what is no tensor (yet): extra state, and lazy parameters before their first use."""
    return {
        name: value for name, value in model.state_dict().items() if isinstance(value, Tensor) and not is_lazy(value)
    }


def weights_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of a state dict; equal weights give equal hashes on any device."""
    digest = hashlib.sha256()
    for name, tensor in state.items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        # reshape(-1) for scalars: only tensors with a dimension can be viewed as bytes (NumPy lacks bfloat16).
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


LEAK = 0.1
"""Slope of the leaking gradient."""

LEAKY_STEPS = 16
"""How many first steps may be helped; lucid's number (`misc/redirected_relu_grad.py`)."""


@contextmanager
def leaky_relu_gradient(model: nn.Module) -> Iterator[None]:
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
