"""The arms: the settings in which the study's runs differ on purpose; `conf/experiment/study` has a file for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "study-"
"""A run's recorded name is this and its arm."""

SUFFIX = "_shuffled"
"""Of the name of a twin: the same arm with its training labels permuted among all training images."""

_EIGHT = {
    "init.name": "random",
    "augmented": False,
    "data.num_classes": 8,
    "data.source.train_per_class": 48,
    "data.source.val_per_class": 125,
    "data.batch_size": 32,
    "data.wrong_labels": 0,
    "trainer.max_epochs": 20,
    "evolution.every_n": 4,
}
_TWO = {"data.num_classes": 2, "data.source.val_per_class": 500}
_FEW = {"data.source.train_per_class": 24, "data.wrong_labels": 0.4}
_LONG = {"trainer.max_epochs": 60, "evolution.every_n": 12}

_TRUE: dict[str, dict[str, Any]] = {
    "eight": _EIGHT,
    "two": _EIGHT | _TWO | {"data.batch_size": 8},
    "two_more": _EIGHT | _TWO | {"data.source.train_per_class": 192},
    "pretrained": _EIGHT | {"init.name": "pretrained"},
    "overfit": _EIGHT | _FEW | _LONG,
    "augmented": _EIGHT | _FEW | _LONG | {"augmented": True},
}

ARMS: Mapping[str, Mapping[str, Any]] = _TRUE | {
    f"{arm}{SUFFIX}": settings | {"data.wrong_labels": 1} for arm, settings in _TRUE.items()
}
"""Planned settings by arm. All other settings are equal in all runs of a data set, but for those of `init` and
`augmentation`, which are equal within an arm."""


def twin(arm: str) -> str:
    """The arm with shuffled labels that belongs to an arm."""
    return f"{arm}{SUFFIX}"
