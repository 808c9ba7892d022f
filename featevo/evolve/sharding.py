"""Several processes draw one snapshot: each its share of the classes, through the same weights, to the same end.

All ranks call these functions in the same order. What one rank raises travels with its results, so that all raise it
and none waits for the others. With one process they call nothing but the function they are given.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import DDPStrategy, DeepSpeedStrategy
from torch import nn

from featevo.tracking.packages import of_either
from featevo.views.view import Drawn

WHOLE, SPLIT = of_either(DDPStrategy), of_either(DeepSpeedStrategy)
"""Strategies whose processes hold all weights; those of them that do not."""

T = TypeVar("T")


class RankFailedError(Exception):
    """On which rank, and with which traceback: the cause of an exception that all ranks raise."""


@dataclass(frozen=True)
class Failure:
    """What a rank sends in the place of a result.

    Attributes:
        error: What its function raised.
        told: Its rank and its traceback, which would not travel with the exception.
    """

    error: Exception
    told: str


def check_strategy(trainer: pl.Trainer) -> None:
    """Raise `ValueError` for a strategy of several processes none of which has all weights (FSDP, DeepSpeed, ...)."""
    strategy = trainer.strategy
    whole = isinstance(strategy, WHOLE) and not isinstance(strategy, SPLIT)
    if trainer.num_devices * trainer.num_nodes > 1 and not whole:
        name = type(strategy).__name__
        raise ValueError(f"{name}: pictures are drawn by processes that hold all weights; use strategy=ddp")


def shared(trainer: pl.Trainer, value: T) -> T:
    """Rank 0's value, on every rank."""
    return value if trainer.world_size == 1 else trainer.strategy.broadcast(value)


def on_main(trainer: pl.Trainer, function: Callable[[], T]) -> T | None:
    """What a function gives on rank 0, None on the others, which wait for its end; what it raises, all raise."""
    if trainer.world_size == 1:
        return function()
    result = _attempt(trainer, function) if trainer.is_global_zero else None
    _raise(shared(trainer, result if isinstance(result, Failure) else None))
    return None if isinstance(result, Failure) else result


def gathered(trainer: pl.Trainer, function: Callable[[], T]) -> list[T]:
    """What a function gives on each rank, by rank, on rank 0; nothing on the others. What one raises, all raise."""
    if trainer.world_size == 1:
        return [function()]
    parts: list[T | Failure | None] | None = [None] * trainer.world_size if trainer.is_global_zero else None
    torch.distributed.gather_object(_attempt(trainer, function), parts)
    _raise(shared(trainer, next((part for part in parts or [] if isinstance(part, Failure)), None)))
    return parts or []  # type: ignore[return-value]  # no failure is left


class TrainerRanks:
    """The processes of a trainer, as `featevo.views.ranks.Ranks` has them."""

    def __init__(self, trainer: pl.Trainer) -> None:
        self._trainer = trainer
        self.world, self.is_main = trainer.world_size, trainer.is_global_zero

    def shared(self, value: T) -> T:
        """Rank 0's value, on every rank."""
        return shared(self._trainer, value)

    def on_main(self, function: Callable[[], T]) -> T | None:
        """What a function returns on rank 0, None on the others; what it raises, all raise."""
        return on_main(self._trainer, function)

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """Each rank draws every so many-th unit; a rank without any takes part all the same.

        Raises:
            RuntimeError: When the ranks' weights differ: the images would be of different networks.
        """
        if self.world == 1:
            return draw(units)
        own = units[self._trainer.global_rank :: self.world]
        with _same_buffers(self._trainer, module):
            shares = gathered(self._trainer, lambda: draw(own) if len(own) else [])
        return self.on_main(lambda: _merged(shares, units)) or []


def _merged(shares: list[list[Drawn]], units: Sequence[int]) -> list[Drawn]:
    if len({one.provenance.get("weights") for share in shares for one in share}) > 1:
        raise RuntimeError("the weights differ between ranks, so their images would be of different networks")
    by_unit = {one.image.unit: one for share in shares for one in share}
    return [by_unit[unit] for unit in units]


@contextmanager
def _same_buffers(trainer: pl.Trainer, module: nn.Module) -> Iterator[None]:
    """Within: rank 0's buffers on all ranks. Batch norm's statistics differ from a training step to the next forward.

    Weights never do, and DDP itself makes buffers the same at the start of every forward, unless told not to.
    """
    buffers = dict(module.named_buffers())
    own = {name: buffer.detach().clone() for name, buffer in buffers.items()}
    theirs = shared(trainer, {name: buffer.cpu() for name, buffer in own.items()})
    if trainer.is_global_zero:
        yield
        return
    try:
        _fill(buffers, theirs)
        yield
    finally:
        _fill(buffers, own)


def _fill(buffers: dict[str, torch.Tensor], values: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, buffer in buffers.items():
            buffer.copy_(values[name])


def _attempt(trainer: pl.Trainer, function: Callable[[], T]) -> T | Failure:
    try:
        return function()
    except Exception as error:
        told = f"on rank {trainer.global_rank}:\n\n{traceback.format_exc()}"
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # of any type: exceptions with arguments of their own fail in their own ways
            return Failure(RuntimeError(f"{type(error).__name__}: {error}"), told)
        return Failure(error, told)


def _raise(failure: Failure | None) -> None:
    if failure is not None:
        raise failure.error from RankFailedError(failure.told)
