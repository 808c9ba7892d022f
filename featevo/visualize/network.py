"""The model that is rendered: frozen in eval mode, input normalised, weights hashed, leaky ReLU gradients."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from featevo.visualize.checks import numbers
from featevo.visualize.outputs import logits_of, returning


@contextmanager
def frozen_eval(model: nn.Module) -> Iterator[torch.device]:
    """Within: every submodule in eval mode, parameters frozen, gradients with respect to images on, autocast off.

    The model returns the logits alone where its output is an object, a dictionary or a tuple with them: `logits_of`.

    Restores each submodule's mode, each parameter's `requires_grad` and all buffers, also after an exception. `.grad`
    never changes, as frozen parameters receive no gradient. Works inside `torch.no_grad` and `torch.inference_mode`, as
    in Lightning's validation hooks.

    Args:
        model: Any module, with its parameters on any one device.

    Yields:
        The device of the model's parameters.
    """
    parameters = list(model.parameters())
    device = next((tensor.device for tensor in [*parameters, *model.buffers()]), torch.device("cpu"))
    modes = {module: module.training for module in model.modules()}
    trainable = [parameter for parameter in parameters if parameter.requires_grad]
    # Batch-norm statistics do not change in eval mode, but other modules may change a buffer in every call.
    buffers = [
        (module, name, buffer, buffer.detach().clone())
        for module in modes
        for name, buffer in module._buffers.items()
        if buffer is not None
    ]
    try:
        for module in modes:
            module.training = False
        # With frozen weights the backward pass needs less memory.
        for parameter in trainable:
            parameter.requires_grad_(False)
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast(device.type, enabled=False),
            nullcontext()
            if isinstance(model, torch.jit.ScriptModule)
            else returning(model, logits_of),  # no hooks there
        ):
            yield device
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)
        for module, training in modes.items():
            module.training = training
        with torch.no_grad():
            for module, name, buffer, before in buffers:
                module._buffers[name] = buffer  # the module may have replaced the tensor
                if not torch.equal(buffer, before):
                    buffer.copy_(before)


def channels_in(mean: Sequence[float]) -> int | None:
    """The channels of images that have one of these numbers for each; None for one number, which is for all."""
    count = len(numbers("mean", mean))
    return count if count > 1 else None


def channels_of(model: nn.Module, mean: Sequence[float] = (0.0,)) -> int:
    """The channels of a model's images: those of `mean`, if any convolution may take them, or of the first convolution.

    It is 3 where there is no convolution, or a first batch decides, and `mean` has one number.
    """
    # 0: the first batch decides.
    taken = [layer.in_channels for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    own = channels_in(mean)
    if own is not None and (own in taken or 0 in taken or not taken):
        return own
    return (taken[0] if taken else 0) or 3


def weights_dtype(model: nn.Module) -> torch.dtype:
    """The floating-point type of the model's weights; float32 for a model without any."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)


def image_dtype(model: nn.Module) -> torch.dtype:
    """The type of images: float32 also for half-precision weights, in which small steps would vanish."""
    return torch.promote_types(weights_dtype(model), torch.float32)


def normalised(images: Tensor, mean: Sequence[float], std: Sequence[float], dtype: torch.dtype) -> Tensor:
    """Images (B, C, H, W) minus `mean`, divided by `std` (one number each, or one per channel), in this type."""
    return Normalise(images, mean, std, dtype)(images)


class Normalise:
    """`normalised` for many images: its numbers are on the device once, so that no call waits for it.

    Args:
        like: A tensor of the images' type and device.
        mean: Subtracted: one number, or one per channel.
        std: Divides the rest.
        dtype: Of the result.
    """

    def __init__(self, like: Tensor, mean: Sequence[float], std: Sequence[float], dtype: torch.dtype) -> None:
        self.shift, self.scale = (
            like.new_tensor(numbers(name, values)).view(1, -1, 1, 1) for name, values in (("mean", mean), ("std", std))
        )
        self.dtype = dtype

    def __call__(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) minus mean, divided by deviation, channels last: convolutions are fastest so."""
        return ((images - self.shift) / self.scale).to(self.dtype, memory_format=torch.channels_last)


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of the model's state: without extra state and without lazy parameters before their first use."""
    return {
        name: value for name, value in model.state_dict().items() if isinstance(value, Tensor) and not is_lazy(value)
    }


def weights_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of a state dict; equal weights give equal hashes on any device."""
    return _digest(_bytes_of(state))


def _bytes_of(state: Mapping[str, Tensor]) -> list[Any]:
    parts: list[Any] = []
    for name, tensor in state.items():
        parts.append(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        # Only tensors with a dimension can be viewed as bytes, so scalars are reshaped; NumPy has no bfloat16.
        parts.append(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return parts


def _digest(parts: Sequence[Any]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


_DERIVED: WeakKeyDictionary[nn.Module, dict[Any, Any]] = WeakKeyDictionary()


@contextmanager
def constant_weights(model: nn.Module) -> Iterator[None]:
    """Within: the caller does not change the weights, so what is computed from them is kept, as their hash."""
    if model in _DERIVED:
        yield
        return
    _DERIVED[model] = {}
    try:
        yield
    finally:
        del _DERIVED[model]


def derived(model: nn.Module) -> dict[Any, Any]:
    """What was computed from the model's weights: one dictionary within `constant_weights`, otherwise a new one."""
    return _DERIVED.get(model, {})


AT_ONCE = 2**26
"""Bytes that are hashed before the steps, in a few hundredths of a second; more are hashed beside them."""


@contextmanager
def hashing(model: nn.Module) -> Iterator[Callable[[], str]]:
    """Within: the model's weights are hashed beside other work; yields a function that waits for the hash.

    See `weights_hash`; within `constant_weights` it is computed once.
    """
    kept = derived(model)
    buffers = {name for name, _ in model.named_buffers()}
    with ThreadPoolExecutor(1) as pool:
        if "hash" not in kept:
            # Buffers are copied, as a forward pass may change them meanwhile.
            state = {name: value.clone() if name in buffers else value for name, value in tensors(model).items()}
            # PyTorch is not called in the other thread: OpenMP would make a second team of threads for it, which slowed
            # down the steps of small networks by 1.7 on two cores.
            parts = _bytes_of(state)
            is_large = sum(map(len, parts)) > AT_ONCE
            kept["hash"] = pool.submit(_digest, parts).result if is_large else partial(str, _digest(parts))
        yield kept["hash"]


def hash_of(model: nn.Module) -> str:
    """The hash of the model's weights, see `hashing`."""
    with hashing(model) as result:
        return result()


LEAK = 0.1
"""Slope of the leaky gradient for negative inputs."""

LEAKY_STEPS = 16
"""The first steps, in which a zero gradient is replaced; lucid's number (`misc/redirected_relu_grad.py`)."""


@contextmanager
def leaky_relu_gradient(model: nn.Module) -> Iterator[None]:
    """Within: the output of every `nn.ReLU` is unchanged, but its gradient is that of a leaky ReLU."""
    inputs: dict[nn.Module, Tensor] = {}

    def before(module: nn.Module, arguments: Any) -> None:
        inputs[module] = arguments[0].clone()  # a ReLU that works in place would overwrite it

    def after(module: nn.Module, arguments: Any, output: Tensor) -> Tensor:
        leak = LEAK * inputs.pop(module)
        return output + (leak - leak.detach())

    with ExitStack() as hooks:
        for module in model.modules():
            if isinstance(module, nn.ReLU):
                hooks.enter_context(module.register_forward_pre_hook(before))
                hooks.enter_context(module.register_forward_hook(after))
        yield
