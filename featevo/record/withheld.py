"""Measures that are recorded for whoever asks for them by name, and shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

Value = TypeVar("Value")

WITHHELD = ("recognition/*", "confusion/judge")
"""Left out of the page, figures, tables and trackers, also of older records.

They say whether a judge recognises a picture, by a linear layer that has learnt its classes from a few real pictures.
Such a layer cannot read drawn pictures: of classes that a network knows well it said less than chance, and of noise
that it is a flamingo. No measure of recognition is shown until one has passed a test that could have failed it.
"""


def is_withheld(name: str) -> bool:
    """Whether a measure is not shown, by its name."""
    return any(fnmatchcase(name, pattern) for pattern in WITHHELD)


def showable(measures: Mapping[str, Value]) -> dict[str, Value]:
    """Of anything by name of a measure, what may be shown."""
    return {name: value for name, value in measures.items() if not is_withheld(name)}
