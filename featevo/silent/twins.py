"""Twin trainings, without and with a callback, compared bit for bit at every step."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch

from featevo.silent.certificate import Certificate
from featevo.silent.hooks import CALLBACK, bracketed
from featevo.silent.witness import AFTER, BEFORE, Witness
from featevo.views.isolation import isolated

MakeTrainer = Callable[[list[Any]], Sequence[Any]]
"""From a list of callbacks to a trainer with these callbacks and the arguments of its `fit`."""

SEEDS = 2**32
"""Seeds are below this, as NumPy's are."""


class UnusableError(ValueError):
    """Why two trainings cannot be compared, in one line."""


def silent(make_trainer: MakeTrainer, callback: Any, *, seed: int = 0) -> Certificate:
    """Whether a callback leaves training bit for bit unchanged, and if not, what it changes first.

    Three trainings run, each from the seed: two without the callback, which must be equal, and one with it. Everything
    in `featevo.silent.state` is compared at several moments of each step, with the batch and the loss.

    Example::

        def make_trainer(callbacks):
            trainer = pl.Trainer(max_epochs=2, callbacks=callbacks, logger=False, enable_checkpointing=False)
            return trainer, MyModule(), MyDataModule()

        assert silent(make_trainer, MyCallback())

    Args:
        make_trainer: Builds everything anew and returns the trainer and the arguments of its `fit`, such as
            `(trainer, module, datamodule)` or `(trainer, module, train_loader, val_loader)`. It is given the trainer's
            callbacks, and called with the random streams of PyTorch, NumPy and Python set to the seed.
        callback: A callback of `pytorch_lightning` or `lightning`, which trains once, or a class or function that makes
            one without arguments: then what this draws from random streams counts, too.
        seed: Of the trainings, 0 to 2**32 - 1.

    Returns:
        What was found; it is true if the callback is silent. The caller's random streams are as before.

    Raises:
        UnusableError: A `ValueError`, for arguments or a training that cannot be compared.
    """
    if not 0 <= seed < SEEDS:
        raise UnusableError(f"seed={seed}: must be from 0 to {SEEDS - 1}")
    _check_call("make_trainer", make_trainer, [])
    if not isinstance(callback, CALLBACK):
        _check_call("callback", callback)
    if torch.cuda.is_available():
        torch.cuda.init()  # only then does it have random streams, and all trainings need the same
    without, again = (_trained(make_trainer, None, seed) for _ in range(2))
    repeated = Certificate.of(without, again, is_repeatable=False)
    if repeated.difference is not None:
        return repeated
    return Certificate.of(without, _trained(make_trainer, callback, seed))


def _trained(make_trainer: MakeTrainer, callback: Any, seed: int) -> Witness:
    """Train once."""
    with _restored():
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        witness = Witness()
        if callback is not None and not isinstance(callback, CALLBACK):
            callback = _made(callback, witness)
        # The witness comes after the callback, so that it sees in the same hook what was changed.
        callbacks = [witness] if callback is None else [callback, witness]
        trainer, *arguments = _parts(make_trainer(list(callbacks)), callbacks)
        witness.record(BEFORE, trainer, arguments[0])
        with nullcontext() if callback is None else bracketed(callback, witness.bracket):
            trainer.fit(*arguments)
        witness.record(AFTER, trainer, arguments[0])
    if witness.steps == 0:
        raise UnusableError("make_trainer: its training has no steps, so there is nothing to compare")
    return witness


def _made(factory: Callable[[], Any], witness: Witness) -> Any:
    with witness.making():
        callback = factory()
    if not isinstance(callback, CALLBACK):
        raise UnusableError(f"callback: {_name(factory)} made a {type(callback).__name__}, no callback of Lightning")
    return callback


def _parts(made: Any, callbacks: Sequence[Any]) -> Sequence[Any]:
    """What `make_trainer` has returned, checked."""
    if not isinstance(made, tuple | list) or len(made) < 2 or not hasattr(made[0], "fit_loop"):
        raise UnusableError(
            "make_trainer: must return a trainer and the arguments of its fit, such as (trainer, module, datamodule)"
        )
    trainer = made[0]
    if any(all(one is not other for other in trainer.callbacks) for one in callbacks):
        raise UnusableError("make_trainer: its trainer needs the given callbacks: Trainer(callbacks=callbacks)")
    if trainer.num_devices * trainer.num_nodes > 1:
        raise UnusableError("make_trainer: trainings of one process are compared, so set devices=1 and num_nodes=1")
    return made


def _check_call(what: str, function: Any, *arguments: Any) -> None:
    accepts = "a list of callbacks" if arguments else "no arguments"
    if not callable(function):
        kind = "" if arguments else "a callback of Lightning, or "
        raise UnusableError(f"{what}={function!r}: must be {kind}a function of {accepts}")
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError) as error:
        raise UnusableError(f"{what}: {_name(function)} must be a function of {accepts} ({error})") from error


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", repr(function))


@contextmanager
def _restored() -> Iterator[None]:
    """Restore what a training may change in this process."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    precision = torch.get_float32_matmul_precision()
    with isolated(), torch.set_grad_enabled(torch.is_grad_enabled()):
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            torch.set_num_threads(threads)
            torch.set_float32_matmul_precision(precision)
