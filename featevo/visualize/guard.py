"""Leave a model exactly as it was, whatever happens while pictures are drawn through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluated(model: nn.Module) -> Iterator[torch.device]:
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
