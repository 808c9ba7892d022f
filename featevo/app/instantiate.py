"""The object that a node of the configuration names, or one line about why it cannot be built."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pydoc import locate
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate

from featevo.errors import UserError

# Torch raises a RuntimeError for negative sizes, and where memory is not enough.
WRONG_ARGUMENTS = (TypeError, ValueError, ImportError, AssertionError, ArithmeticError, RuntimeError, MemoryError)
"""Exceptions of a constructor that its arguments cause; others are bugs."""


def build(spec: Any, where: str, **arguments: Any) -> Any:
    """The object that `spec._target_` names, or None for no spec.

    Args:
        spec: A node of the configuration.
        where: Its key, for messages.
        **arguments: Added to the configured arguments.

    Raises:
        UserError: When it cannot be built.
    """
    if spec is None:
        return None
    _check_numbers(spec, where)
    try:
        return instantiate(spec, _convert_="all", **arguments)
    except InstantiationException as error:
        cause = error.__cause__
        if cause is not None and not isinstance(cause, WRONG_ARGUMENTS):
            raise cause from None
        reason = " ".join(str(cause or error).split())
        raise UserError(f"{where}: {reason or type(cause).__name__}") from error


def _check_numbers(spec: Any, where: str) -> None:
    """Refuse text where the default is a number, and fractions where whole numbers are expected.

    The target's own error would not name the key, and often there is none.
    """
    parameters = parameters_of(spec)
    for name, value in spec.items():
        parameter = parameters.get(name)
        if parameter is None:
            continue
        if isinstance(value, float) and str(parameter.annotation) in ("int", "int | None", "<class 'int'>"):
            raise UserError(f"{where}.{name}={value}: must be a whole number")
        if not isinstance(value, str) or "str" in str(parameter.annotation):
            continue
        default = parameter.default
        if isinstance(default, int | float) and not isinstance(default, bool):
            raise UserError(f"{where}.{name}={value}: must be a number, such as {default}; this is text")


def parameters_of(spec: Any) -> Mapping[str, inspect.Parameter]:
    """Parameters of a `_target_`; none where it cannot be found or has no signature, which building it reports."""
    try:
        return inspect.signature(locate(spec["_target_"])).parameters  # type: ignore[arg-type] # None is caught below
    except Exception:
        return {}
