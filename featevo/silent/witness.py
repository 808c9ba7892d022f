"""A witness of one training: hashes of everything, at several moments of every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
from torch import Tensor
from torch.optim import Optimizer

from featevo.silent.hooks import passed
from featevo.silent.state import Fingerprint, digest, of_process, of_training, weights

IN_A_STEP = (
    *("on_train_batch_start", "on_before_zero_grad", "on_before_backward", "on_after_backward"),
    *("on_before_optimizer_step", "on_train_batch_end"),
)
"""Hooks that are called within a step."""

BEFORE, AFTER = "make_trainer", "the end of fit"
"""The first and the last moment."""


@dataclass(frozen=True)
class Place:
    """A place in a training.

    Attributes:
        hook: The hook's name, or that of another event.
        step: Number of the training batch that is or was the last one, from 1; 0 before the first.
        epoch: Number of its epoch, from 1; 0 before the first.
    """

    hook: str
    step: int
    epoch: int

    def __str__(self) -> str:
        if self.step == 0:
            return f"{self.hook} before step 1"
        return f"{self.hook} {'in' if self.hook in IN_A_STEP else 'after'} step {self.step} (epoch {self.epoch})"


@dataclass(frozen=True)
class Moment:
    """The state of a training at one place."""

    place: Place
    state: Fingerprint


@dataclass(frozen=True)
class Change:
    """What a hook of the callback changed.

    Attributes:
        place: The hook.
        names: What differed after it, in the order of `featevo.silent.state`.
        moment: Index of the first moment after it.
    """

    place: Place
    names: tuple[str, ...]
    moment: int


class Witness(pl.Callback):
    """Records the moments of a training, and what the hooks of another callback change; itself changes nothing.

    Attributes:
        moments: In their order; equal trainings have equal ones.
        changes: Of the callback's hooks, in their order.
        losses: Hashes of the loss before each backward pass.
        weights: Hash of parameters and buffers in the last moment.
    """

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.changes: list[Change] = []
        self.losses: list[bytes] = []
        self.weights = b""

    @property
    def steps(self) -> int:
        """Training batches."""
        return self.moments[-1].place.step

    def record(self, hook: str, trainer: Any, module: Any, *arguments: Any) -> None:
        """Add a moment, with what a hook of this name is called with."""
        state = Fingerprint.of([*of_training(trainer, module), *passed(hook, arguments)])
        self.moments.append(Moment(_place(hook, trainer), state))
        if hook == AFTER:
            self.weights = digest(dict(weights(module)))

    @contextmanager
    def making(self) -> Iterator[None]:
        """Within: the callback is made."""
        before = Fingerprint.of(of_process())
        yield
        self._compare(Place("making the callback", 0, 0), before, Fingerprint.of(of_process()))

    @contextmanager
    def bracket(self, hook: str, trainer: Any, module: Any, arguments: tuple[Any, ...]) -> Iterator[None]:
        """Within: a hook of the callback is called."""
        before = Fingerprint.of([*of_training(trainer, module), *passed(hook, arguments)])
        yield
        after = Fingerprint.of([*of_training(trainer, module), *passed(hook, arguments)])
        self._compare(_place(hook, trainer), before, after)

    def _compare(self, place: Place, before: Fingerprint, after: Fingerprint) -> None:
        if names := before.differences(after):
            self.changes.append(Change(place, names, len(self.moments)))

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.record("on_train_start", trainer, pl_module)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self.record("on_train_batch_start", trainer, pl_module, batch)

    def on_before_backward(self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: Tensor) -> None:
        self.losses.append(digest(loss))
        self.record("on_before_backward", trainer, pl_module, loss)

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        self.record("on_before_optimizer_step", trainer, pl_module)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.record("on_train_batch_end", trainer, pl_module, outputs, batch)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.record("on_train_end", trainer, pl_module)


def _place(hook: str, trainer: Any) -> Place:
    loop = trainer.fit_loop
    return Place(hook, loop.epoch_loop.batch_progress.total.ready, loop.epoch_progress.current.ready)
