"""How many pictures fit into memory at once: estimated before drawing, corrected when memory runs out."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

CPU_BUDGET_GB = 2.0
"""Memory that a batch may take on the CPU, in units of 1e9 bytes."""

CPU_MOST = 64
"""Most pictures of a batch on the CPU: larger ones leave its caches, 256 took half as long again per picture as 64."""

GPU_SHARE = 0.5
"""Share of a GPU's whole memory that a batch may take: of the whole, as the free part changes from time to time and a
picture in float32 depends on its batch size."""

WORKSPACE = 3.0
"""Peak memory over the activations that the backward pass needs: their gradients, and buffers of convolutions."""


def pictures_at_once(
    model: nn.Module, forward: Callable[[], Tensor], device: torch.device, budget_gb: float | None = None
) -> int:
    """How many pictures of one chunk fit into the budget, at least 1.

    Args:
        model: Its weights are there anyway, so they do not count.
        forward: One picture's forward pass, with its gradient recorded.
        device: Where it runs.
        budget_gb: Memory in units of 1e9 bytes; None: 2 on the CPU, and at most 64 pictures; half of all on a GPU.
    """
    weights = {tensor.untyped_storage().data_ptr() for tensor in [*model.parameters(), *model.buffers()]}
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        value = forward()
    del value
    most = CPU_MOST if budget_gb is None and device.type == "cpu" else None
    if budget_gb is None:
        total = torch.cuda.get_device_properties(device).total_memory if device.type == "cuda" else 0
        budget_gb = GPU_SHARE * total / 1e9 if total else CPU_BUDGET_GB
    fitting = max(1, int(budget_gb * 1e9 / (WORKSPACE * max(sum(sizes.values()), 1))))
    return fitting if most is None else min(fitting, most)


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that a device, or the CPU's allocator, has no memory left."""
    words = str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and ("DefaultCPUAllocator" in words or "out of memory" in words.lower())
    )
