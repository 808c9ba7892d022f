"""The rules of parts a and b, as written before any measure was run on these pictures.

a. The highest mean over all kinds of pictures without structure lies below "2 shapes"; photographs with shuffled
   blocks lie below the photographs; means of 1, 2, 4, 8, 16 shapes and drawn scenes keep this order (Spearman's
   correlation at least 0.9).
b. For photographs, drawn scenes and 4 shapes the mean changes by at most 10 % with a quarter of the contrast, with
   another mean colour, and mirrored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.stats import spearmanr

from featevo.measure.gate.invariance import CHANGES, HALF, compared_with, named
from featevo.measure.gate.pictures import PHOTOGRAPHS, SHUFFLED, UNCHANGED
from featevo.measure.gate.rungs import STRUCTURED

CORRELATION = 0.9
"""Least Spearman correlation of the structured rungs' means with their order."""

CHANGE = 0.1
"""Largest relative change of a mean."""

SIMPLE = "2 shapes"


@dataclass(frozen=True)
class Check:
    """One rule and what came out.

    Attributes:
        part: "a" or "b".
        name: Of the rule.
        passed: The measure obeys it.
        value: The number that the rule is about.
        kind: The pictures that decide it.
        reason: What came out, in one line.
    """

    part: str
    name: str
    passed: bool
    value: float
    kind: str
    reason: str


def without_structure(names: Iterable[str]) -> list[str]:
    """Those kinds of pictures that have no structure: all noise, checkerboards, photographs with random phases."""
    altered = {named(kind, change) for kind in UNCHANGED for change in (*CHANGES, HALF)}
    return [name for name in names if name not in {*STRUCTURED, PHOTOGRAPHS, SHUFFLED, *altered}]


def checked(means: Mapping[str, float]) -> tuple[Check, ...]:
    """All checks from a measure's mean over each kind of `featevo.measure.gate.pictures`."""
    return (_noise(means), _shuffled(means), _order(means), *(_change(means, change) for change in CHANGES))


def _noise(means: Mapping[str, float]) -> Check:
    simple = means[SIMPLE]
    kinds = without_structure(means)
    highest = max(kinds, key=lambda kind: math.inf if math.isnan(means[kind]) else means[kind])
    passed = means[highest] < simple
    reason = f"{highest} ({means[highest]:.3g}) is {'' if passed else 'not '}below {SIMPLE} ({simple:.3g})"
    return Check("a", "noise", passed, ratio(means[highest], simple), highest, reason)


def _shuffled(means: Mapping[str, float]) -> Check:
    whole, mixed = means[PHOTOGRAPHS], means[SHUFFLED]
    passed = mixed < whole
    reason = f"{SHUFFLED} ({mixed:.3g}) are {'' if passed else 'not '}below {PHOTOGRAPHS} ({whole:.3g})"
    return Check("a", "shuffled blocks", passed, ratio(mixed, whole), SHUFFLED, reason)


def _order(means: Mapping[str, float]) -> Check:
    ordered = [means[rung] for rung in STRUCTURED]
    usable = all(map(math.isfinite, ordered)) and max(ordered) > min(ordered)
    correlation = float(spearmanr(range(len(ordered)), ordered).statistic) if usable else 0.0
    reason = f"the order of shapes and scene is kept to {correlation:.2f}"
    return Check("a", "order", correlation >= CORRELATION, correlation, "scene", reason)


def _change(means: Mapping[str, float], change: str) -> Check:
    changes = {kind: ratio(means[named(kind, change)], means[compared_with(kind, change)]) - 1 for kind in UNCHANGED}
    kind = max(changes, key=lambda kind: math.inf if math.isnan(changes[kind]) else abs(changes[kind]))
    reason = f"{named(kind, change)}: {changes[kind]:+.0%}"
    return Check("b", change, abs(changes[kind]) <= CHANGE, changes[kind], kind, reason)


def ratio(value: float, reference: float) -> float:
    """The quotient; of two zeros 1, of another number and zero infinite with its sign."""
    if reference == 0:
        return 1.0 if value == 0 else math.copysign(math.inf, value)
    return value / reference
