"""Several processes draw one snapshot: each draws a part of the classes, with the same weights.

All ranks call these functions in the same order. An exception on one rank is sent in place of its result, so that all
raise it and none waits for the others. With one process they only call the given function.
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
"""Strategies whose processes hold all weights, and the subclasses of them that do not."""

T = TypeVar("T")


class RankFailedError(Exception):
    """Rank and traceback: the cause of an exception that all ranks raise."""


@dataclass(frozen=True)
class Failure:
    """A failure on one rank, sent instead of a result.

    Attributes:
        error: The exception.
        where: The rank and the traceback, which pickling an exception would lose.
    """

    error: Exception
    where: str


def check_strategy(trainer: pl.Trainer) -> None:
    """Raise `ValueError` for a strategy of several processes, none of which has all weights (FSDP, DeepSpeed, ...)."""
    strategy = trainer.strategy
    whole = isinstance(strategy, WHOLE) and not isinstance(strategy, SPLIT)
    if trainer.num_devices * trainer.num_nodes > 1 and not whole:
        name = type(strategy).__name__
        raise ValueError(f"{name}: images are drawn by processes that hold all weights; use strategy=ddp")


class TrainerRanks:
    """The processes of a trainer, as `featevo.views.ranks.Ranks`."""

    def __init__(self, trainer: pl.Trainer) -> None:
        self._trainer = trainer
        self.world, self.is_main = trainer.world_size, trainer.is_global_zero

    def shared(self, value: T) -> T:
        """Rank 0's value, on every rank."""
        return value if self.world == 1 else self._trainer.strategy.broadcast(value)

    def on_main(self, function: Callable[[], T]) -> T | None:
        """The result of a function on rank 0, None on the others, which wait for it; an error is raised on all."""
        if self.world == 1:
            return function()
        result = self._attempt(function) if self.is_main else None
        _raise(self.shared(result if isinstance(result, Failure) else None))
        return None if isinstance(result, Failure) else result

    def gathered(self, function: Callable[[], T]) -> list[T]:
        """The results of a function on all ranks, by rank, on rank 0; [] on the others. An error is raised on all."""
        if self.world == 1:
            return [function()]
        parts: list[T | Failure | None] | None = [None] * self.world if self.is_main else None
        torch.distributed.gather_object(self._attempt(function), parts)
        _raise(self.shared(next((part for part in parts or [] if isinstance(part, Failure)), None)))
        return parts or []  # type: ignore[return-value]  # no failure is left

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """Each rank draws every `world`-th unit; a rank without units takes part, too.

        Raises:
            RuntimeError: If the ranks' weights differ: the images would be of different networks.
        """
        if self.world == 1:
            return draw(units)
        own = units[self._trainer.global_rank :: self.world]
        with self._same_buffers(module):
            shares = self.gathered(lambda: draw(own) if len(own) else [])
        return self.on_main(lambda: _merged(shares, units)) or []

    @contextmanager
    def _same_buffers(self, module: nn.Module) -> Iterator[None]:
        """Inside: rank 0's buffers on all ranks; batch norm's statistics may differ after a training step.

        Weights never differ. DDP itself copies buffers at the start of every forward pass, unless configured otherwise.
        """
        buffers = dict(module.named_buffers())
        own = {name: buffer.detach().clone() for name, buffer in buffers.items()}
        main = self.shared({name: buffer.cpu() for name, buffer in own.items()})
        if self.is_main:
            yield
            return
        try:
            _fill(buffers, main)
            yield
        finally:
            _fill(buffers, own)

    def _attempt(self, function: Callable[[], T]) -> T | Failure:
        try:
            return function()
        except Exception as error:
            where = f"on rank {self._trainer.global_rank}:\n\n{traceback.format_exc()}"
            try:
                pickle.loads(pickle.dumps(error))
            except Exception:  # of any type: exceptions with arguments of their own fail in their own ways
                return Failure(RuntimeError(f"{type(error).__name__}: {error}"), where)
            return Failure(error, where)


def _merged(shares: list[list[Drawn]], units: Sequence[int]) -> list[Drawn]:
    if len({one.provenance.get("weights") for share in shares for one in share}) > 1:
        raise RuntimeError("the weights differ between ranks, so their images would be of different networks")
    by_unit = {one.image.unit: one for share in shares for one in share}
    return [by_unit[unit] for unit in units]


def _fill(buffers: dict[str, torch.Tensor], values: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, buffer in buffers.items():
            buffer.copy_(values[name])


def _raise(failure: Failure | None) -> None:
    if failure is not None:
        raise failure.error from RankFailedError(failure.where)
