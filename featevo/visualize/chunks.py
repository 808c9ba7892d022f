"""A call's pictures in batches that fit into memory; a batch that does not is drawn again in halves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from featevo.visualize.ascent import Ascent, Climbed
from featevo.visualize.streams import TRANSFORMS, Streams, stream


@dataclass(frozen=True)
class Chunk:
    """One batch, drawn.

    Attributes:
        keys: (place of the unit in the objective, copy) of each picture.
        climbed: What became of it.
        size: Pictures in the largest batch, of which this may be the smaller last one.
        seconds: Time it took, per picture.
    """

    keys: list[tuple[int, int]]
    climbed: Climbed
    size: int
    seconds: float


@dataclass
class Chunks:
    """Draws all units, a chunk at a time; copies of one unit stay together.

    Attributes:
        ascent: How pictures are drawn.
        starts: (U * copies, ...): start coefficients, on the CPU.
        device: Where pictures are drawn.
        on_step: Called after each step with the pictures' steps done so far, and of how many.
    """

    ascent: Ascent
    starts: Tensor
    device: torch.device
    on_step: Callable[[int, int], None] | None

    def __iter__(self) -> Iterator[Chunk]:
        """Each chunk as soon as it is drawn.

        Raises:
            MemoryError: When not even the pictures of one unit fit.
        """
        settings, count = self.ascent.settings, len(self.ascent.objective.units)
        copies = settings.copies
        at_once = min(count, max(1, (settings.chunk_size or self._fitting()) // copies))
        first = 0
        while first < count:
            units = range(first, min(first + at_once, count))
            began = time.perf_counter()
            try:
                climbed = self._draw(units)
            except (RuntimeError, MemoryError) as error:
                if not ran_out_of_memory(error):
                    raise
                if len(units) == 1:
                    shape = tuple(self.starts.shape[1:])
                    raise MemoryError(f"no memory for {copies} picture(s) of coefficients {shape}: {error}") from error
                climbed = None
            if climbed is None:  # outside the handler, which holds on to the failed batch's tensors
                at_once = (len(units) + 1) // 2
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
                continue
            keys = [(unit, copy) for unit in units for copy in range(copies)]
            yield Chunk(keys, climbed, at_once * copies, (time.perf_counter() - began) / len(keys))
            first = units.stop

    def _draw(self, units: range) -> Climbed:
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
            pictures = self.ascent.space.decode(self.starts[:copies].to(self.device).requires_grad_(True))
            seen = self.ascent.regularizer.seen(pictures, self._streams(range(1)))
            return self.ascent.look(seen, rows, len(seen) // copies)[0]

        return copies * pictures_at_once(self.ascent.model, one_unit, self.device, self.ascent.settings.memory_gb)


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
