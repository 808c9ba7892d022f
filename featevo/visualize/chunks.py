"""The images of a call in batches that fit into memory; a batch that does not fit is rendered again in halves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from featevo.visualize.ascent import Ascent
from featevo.visualize.climbed import Climbed
from featevo.visualize.streams import TRANSFORMS, Streams, stream


@dataclass(frozen=True)
class Chunk:
    """One rendered batch.

    Attributes:
        keys: (place of the unit in the objective, copy) of each image.
        climbed: Its result.
        size: Images in the largest batch; this one may be the smaller last one.
        seconds: Time per image.
    """

    keys: list[tuple[int, int]]
    climbed: Climbed
    size: int
    seconds: float


@dataclass(frozen=True)
class Chunks:
    """Renders all units, a chunk at a time; copies of one unit stay together.

    Attributes:
        ascent: How images are rendered.
        starts: (U * copies, ...): start coefficients, on the CPU.
        device: Where images are rendered.
        on_step: Called after each step with the steps of all images so far and in total.
    """

    ascent: Ascent
    starts: Tensor
    device: torch.device
    on_step: Callable[[int, int], None] | None

    def __iter__(self) -> Iterator[Chunk]:
        """Each chunk as soon as it is rendered.

        Raises:
            MemoryError: When the images of one unit do not fit.
        """
        settings, count = self.ascent.settings, len(self.ascent.objective.units)
        copies = settings.copies
        at_once = min(count, max(1, (settings.chunk_size or self._fitting()) // copies))
        first = 0
        while first < count:
            units = range(first, min(first + at_once, count))
            began = time.perf_counter()
            try:
                climbed = self._render(units)
            except (RuntimeError, MemoryError) as error:
                if not ran_out_of_memory(error):
                    raise
                if len(units) == 1:
                    shape = tuple(self.starts.shape[1:])
                    raise MemoryError(f"no memory for {copies} image(s) of coefficients {shape}: {error}") from error
                climbed = None
            if climbed is None:  # outside the handler, which keeps references to the failed batch's tensors
                at_once = (len(units) + 1) // 2
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
                continue
            keys = [(unit, copy) for unit in units for copy in range(copies)]
            yield Chunk(keys, climbed, at_once * copies, (time.perf_counter() - began) / len(keys))
            first = units.stop

    def _render(self, units: range) -> Climbed:
        copies, steps = self.ascent.settings.copies, self.ascent.settings.steps
        rows = torch.arange(units.start, units.stop, device=self.device).repeat_interleave(copies)

        def on_step(number: int) -> None:
            if self.on_step:
                self.on_step(units.start * copies * steps + len(rows) * number, len(self.starts) * steps)

        begin = self.starts[units.start * copies : units.stop * copies].to(self.device)
        return self.ascent.climb(begin, rows, self._streams(units), on_step)

    def _streams(self, units: range) -> Streams:
        numbers, settings = self.ascent.objective.units, self.ascent.settings
        generators = [
            stream(settings.seed, numbers[unit], copy, TRANSFORMS) for unit in units for copy in range(settings.copies)
        ]
        return Streams(generators, self.ascent.regularizer.samples)

    def _fitting(self) -> int:
        copies = self.ascent.settings.copies
        rows = torch.zeros(copies, dtype=torch.int64, device=self.device)

        def one_unit() -> Tensor:
            images = self.ascent.space.decode(self.starts[:copies].to(self.device).requires_grad_(True))
            return self.ascent.objectives(images, rows, self._streams(range(1)))

        return copies * units_at_once(self.ascent.model, one_unit, self.device, self.ascent.settings.memory_gb)


CPU_BUDGET_GB = 2.0
"""Memory for a batch on the CPU, in units of 1e9 bytes."""

CPU_MOST = 64
"""Most images of a batch on the CPU: larger batches exceed its caches; 256 took half as long again per image as 64."""

GPU_SHARE = 0.5
"""Share of a GPU's total memory for a batch. Not of its free memory, which varies: in float32 an image depends on its
batch size."""

WORKSPACE = 3.0
"""Peak memory divided by the activations that the backward pass needs: their gradients, and buffers of convolutions."""


def units_at_once(
    model: nn.Module, forward: Callable[[], Tensor], device: torch.device, budget_gb: float | None = None
) -> int:
    """How many units fit into the budget together, at least 1, from one unit's forward pass with gradients.

    The budget is in units of 1e9 bytes; None: 2 on the CPU, and at most 64 units; half of a GPU's memory. The model's
    weights do not count, as they are in memory anyway.
    """
    weights = {tensor.untyped_storage().data_ptr() for tensor in [*model.parameters(), *model.buffers()]}
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            sizes[storage.data_ptr()] = storage.nbytes()
        # An output of its own node, such as a ReLU's, would hold the node, and Python cannot free such a cycle.
        return tensor.detach()

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        forward()
    budget = budget_gb
    if budget is None:
        on_gpu = device.type == "cuda"
        budget = GPU_SHARE * torch.cuda.get_device_properties(device).total_memory / 1e9 if on_gpu else CPU_BUDGET_GB
    fitting = max(1, int(budget * 1e9 / (WORKSPACE * max(sum(sizes.values()), 1))))
    return min(fitting, CPU_MOST) if budget_gb is None and device.type == "cpu" else fitting


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or the CPU's allocator, has no memory left."""
    words = str(error)
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and ("DefaultCPUAllocator" in words or "out of memory" in words.lower())
    )
