"""Lightning is installed as two packages, `pytorch_lightning` and `lightning`: the same code, but different classes."""

from __future__ import annotations

from abc import ABC
from typing import Any


def of_either(kind: type) -> type[Any]:
    """A class for `isinstance` and `singledispatch` that covers a class of Lightning in both packages.

    Args:
        kind: A class of `pytorch_lightning`. The class of `lightning` is found by module and name, so that `lightning`
            is not imported and need not be installed.
    """
    twin = kind.__module__.replace("pytorch_lightning", "lightning.pytorch", 1), kind.__qualname__

    class Either(ABC):  # noqa: B024 - an ABC for its __subclasshook__
        @classmethod
        def __subclasshook__(cls, other: type) -> bool:
            return any(base is kind or (base.__module__, base.__qualname__) == twin for base in other.__mro__)

    return Either
