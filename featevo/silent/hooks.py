"""A callback's hooks, each with a look at the training before and after it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import wraps
from typing import Any

import pytorch_lightning as pl

from featevo.silent.state import Named
from featevo.tracking.packages import of_either

CALLBACK = of_either(pl.Callback)
"""A callback of `pytorch_lightning` or of `lightning`."""

BASES = ("pytorch_lightning.callbacks.callback", "lightning.pytorch.callbacks.callback")
"""The modules of the base class."""

HOOKS = tuple(name for name in vars(pl.Callback) if name.startswith("on_") or name in ("setup", "teardown"))
"""The methods that a trainer calls with itself and the module."""

PASSED = {"batch": "the batch", "loss": "the loss", "outputs": "the step's outputs"}
"""Arguments of hooks that a callback could change, and their names in a certificate."""

Bracket = Callable[[str, Any, Any, tuple[Any, ...]], AbstractContextManager[None]]
"""Entered around each call of a hook, with its name, the trainer, the module and the further arguments."""


def passed(hook: str, arguments: tuple[Any, ...]) -> Named:
    """Those of a hook's arguments after trainer and module that a callback could change."""
    if hook in HOOKS:
        names = list(inspect.signature(getattr(pl.Callback, hook)).parameters)[3:]  # self, trainer, pl_module
        yield from ((PASSED[name], (value,)) for name, value in zip(names, arguments, strict=False) if name in PASSED)


@contextmanager
def bracketed(callback: Any, bracket: Bracket) -> Iterator[None]:
    """Within: each of the callback's own hooks is called within `bracket`."""
    with ExitStack() as restore:
        own = vars(callback)
        for name in HOOKS:
            if name in own:  # as those of a LambdaCallback
                restore.callback(own.__setitem__, name, own[name])
            elif _is_inherited(type(callback), name):
                continue
            else:
                restore.callback(own.pop, name)
            own[name] = _within(bracket, name, getattr(callback, name))
        yield


def _is_inherited(kind: type, name: str) -> bool:
    """Whether a hook is that of Lightning's base class, which does nothing."""
    return next(base for base in kind.__mro__ if name in vars(base)).__module__ in BASES


def _within(bracket: Bracket, name: str, hook: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(hook)
    def called(trainer: Any, module: Any, *arguments: Any, **named: Any) -> Any:
        with bracket(name, trainer, module, arguments):
            return hook(trainer, module, *arguments, **named)

    return called
