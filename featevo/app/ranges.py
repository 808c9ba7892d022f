"""The ranges of all numbers of a configuration, in one table. Nothing is built before they are checked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_args, get_type_hints

import pytorch_lightning as pl
from omegaconf import DictConfig

from featevo.app.schemas import plain
from featevo.errors import UserError

MOST = 10**15
"""Largest size of any number, so that products of a few fit into 64 bits."""

LARGEST_IMAGE = 4096
"""Largest side of an image in pixels: one RGB image then has 50 MB, its first features in VGG-16 have 4.3 GB."""


@dataclass(frozen=True)
class Range:
    """Finite numbers from `low` to `high`; without `low` itself if `above`."""

    low: float = -MOST
    high: float = MOST
    above: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self.above and value == self.low)  # NaN is in no range

    def __str__(self) -> str:
        low, high = (f"{end:,}" if abs(end) < MOST else f"{end:.0e}" for end in (self.low, self.high))
        return f"above {low} and at most {high}" if self.above else f"from {low} to {high}"


ANY, NOT_NEGATIVE, POSITIVE, COUNT = Range(), Range(0), Range(0, above=True), Range(1)
STEPS, SEED = Range(1, 10**6), Range(0, 2**32 - 1)

RANGES = {
    "seed": SEED,
    "data.image_size": Range(1, LARGEST_IMAGE),
    "data.batch_size": Range(1, 2**20),
    "data.num_workers": Range(0, 1024),
    "data.cache_gb": Range(0, 10**6),
    "data.wrong_labels": Range(0, 1),
    "data.std": POSITIVE,
    "data.source.*_per_class": Range(1, 10**7),
    "data.source.skip": Range(0, 10**6),
    "init.std": POSITIVE,
    "model.width": Range(0, 64, above=True),
    "model.hidden": Range(1, 2**20),
    "model.pool": Range(1, 64),
    "model.dropout": Range(0, 1),
    "evolution.min_delta": NOT_NEGATIVE,
    "evolution.every_n": COUNT,
    "evolution.steps": STEPS,
    "evolution.step_size": POSITIVE,
    "evolution.first_step": POSITIVE,
    "evolution.seed": SEED,
    "evolution.chunk_size": Range(1, 10**6),
    "evolution.views.*.every_n": COUNT,
    "evolution.views.*.steps": STEPS,
    "evolution.views.*.step_size": POSITIVE,
    "evolution.views.*.first_step": POSITIVE,
    "evolution.views.*.seed": SEED,
    "evolution.views.*.chunk_size": Range(1, 10**6),
    "evolution.views.*.pictures": Range(1, 10**6),
    "measures.seeds": Range(0, 1000),
    "measures.pictures": Range(2, 10**6),
    "optimizer.lr": NOT_NEGATIVE,
    "optimizer.weight_decay": NOT_NEGATIVE,
    "regularizer.samples": Range(1, 1000),
    "regularizer.operators.*.every": COUNT,
    "regularizer.operators.*.kernel_size": Range(1, 31),  # a median's time grows with the square
    "regularizer.penalties.*.weight": NOT_NEGATIVE,
    "regularizer.*.sigma": Range(0, LARGEST_IMAGE),
    "augmentation.*.size": Range(1, LARGEST_IMAGE),
    "robustness.rms": POSITIVE,
    "robustness.std": POSITIVE,
    "robustness.steps": Range(1, 1000),
    "robustness.warm_up": NOT_NEGATIVE,
    "steps": STEPS,
    "step_size": POSITIVE,
    "units": NOT_NEGATIVE,
    # Lightning's -1 means no limit, or all; its other checks stay its own
    "trainer.devices": Range(-1, 1024),
    "trainer.num_nodes": Range(1, 10**5),
    "trainer.max_epochs": Range(-1),
    "trainer.max_steps": Range(-1),
    "trainer.num_sanity_val_steps": Range(-1),
}
"""Ranges by key; `*` stands for anything, and the last match counts. All other numbers are in `ANY`."""

WHOLE = {
    f"trainer.{name}"
    for name, hint in get_type_hints(pl.Trainer.__init__).items()
    if (hint is int or int in get_args(hint)) and float not in get_args(hint)
}
"""Arguments of Lightning's Trainer that take whole numbers alone; the schemas have the types of all other keys."""


def check_ranges(cfg: DictConfig) -> None:
    """Require that every number of a configuration is in its range, and that every text can be written as UTF-8.

    Raises:
        UserError: For the first that is not; the message says what is allowed.
    """
    for key, place, value in _leaves(plain(cfg)):
        if isinstance(value, str):
            _check_text(key, place, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if key in WHOLE and isinstance(value, float):
                raise UserError(f"{key}{place}={value}: must be a whole number")
            allowed = next((span for name, span in reversed(RANGES.items()) if fnmatchcase(key, name)), ANY)
            if value not in allowed:
                infinite = isinstance(value, float) and not math.isfinite(value)
                raise UserError(f"{key}{place}={_short(value)}: must be {'a finite number ' * infinite}{allowed}")


def _leaves(node: Any, key: str = "", place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Key, place in a list (`[0]`, or nothing) and value of everything that is no container."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, f"{key}{place}.{name}".lstrip("."))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _leaves(child, key, f"{place}[{number}]")
    else:
        yield key, place, node


def _check_text(key: str, place: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"{key}{place}={text!a}: must be valid UTF-8") from error


def _short(value: float) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:20]}... ({len(text)} characters)"
