"""Measures of earlier records that are read and shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

Value = TypeVar("Value")

WITHHELD = (
    "recognition/*",
    "confusion/judge",
    "confusion/crops",
    "confusion/validation_agreement",
    *(
        f"complexity/{name}"
        for name in (
            "active_channels",
            "cluster_entropy",
            "colour_regions",
            "effective_rank",
            "phase_energy",
            "pieces",
            "rank_beyond_chance",
        )
    ),
)
"""Left out of the page, figures, tables and trackers; new records do not have them.

`recognition` and `confusion/judge` are a judge's class for a render, by a linear layer that was fitted to a few real
images. This layer fails on renders: below chance for classes that the network separates well, and it assigned noise to
the flamingo. The others say of noise, or of networks whose features are known, what is not so: docs/measures.md.
"""


def is_withheld(name: str) -> bool:
    """Whether a measure is not shown, by its name."""
    return any(fnmatchcase(name, pattern) for pattern in WITHHELD)


def showable(measures: Mapping[str, Value]) -> dict[str, Value]:
    """Of anything by name of a measure, what may be shown."""
    return {name: value for name, value in measures.items() if not is_withheld(name)}
