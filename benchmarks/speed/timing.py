"""Timing side by side: every task once in each round, so that a slow minute of the machine slows all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping

Spread = dict[str, float]
"""Median, smallest and largest of the rounds."""

Task = Callable[[], object]


def interleaved(
    tasks: Mapping[str, Task], rounds: int, between: Callable[[], None] = lambda: None
) -> dict[str, list[float]]:
    """Seconds of each task in each round, in turn from the first and from the last; `between` is not measured."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds):
        for name in list(tasks)[:: -1 if turn % 2 else 1]:
            between()
            began = time.perf_counter()
            tasks[name]()
            seconds[name].append(time.perf_counter() - began)
    between()
    return seconds


def failures(tasks: Mapping[str, Task], between: Callable[[], None]) -> dict[str, str]:
    """Run each task once, which warms it up; returns the error of those that fail."""
    errors = {}
    for name, task in tasks.items():
        between()
        try:
            task()
        except Exception as error:  # packages of others: anything can happen
            errors[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return errors


def spread(values: Iterable[float]) -> Spread:
    """Median, minimum and maximum, to four digits."""
    found = list(values)
    named = {"median": statistics.median(found), "min": min(found), "max": max(found)}
    return {name: float(f"{value:.4g}") for name, value in named.items()}


def spreads(rows: Mapping[str, list[float]]) -> dict[str, Spread]:
    """The spread of each row."""
    return {name: spread(values) for name, values in rows.items()}


def over(rows: Mapping[str, list[float]], below: list[float]) -> dict[str, Spread]:
    """The spread of each row divided by another, round by round."""
    return {name: spread(a / b for a, b in zip(values, below, strict=True)) for name, values in rows.items()}
