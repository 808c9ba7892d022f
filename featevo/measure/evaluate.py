"""Ask all measures about one moment's pictures, and about controls that say what a value means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from featevo.measure.stability import seed_noise
from featevo.measure.subject import Measure, Subject

CLASSES_WITH_MATRIX = 100
"""The most classes whose matrices are kept: with 1,000 a snapshot's would be larger than its pictures."""

Control = dict[str, float]
"""Mean, standard deviation and number (`mean`, `sd`, `n`) of a measure's values over pictures of a known kind."""


@dataclass(frozen=True)
class Values:
    """What all measures say about one moment.

    Attributes:
        means: By name, over the classes; of measures that have one value for the whole snapshot, that one.
        each: By name, one value per class, None where there is none.
        matrices: By the name's last part, (K, K) rows.
        failed: By name, why a measure has said nothing.
    """

    means: dict[str, float] = field(default_factory=dict)
    each: dict[str, list[float | None]] = field(default_factory=dict)
    matrices: dict[str, list[list[float]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(measures: Iterable[Measure], subject: Subject) -> Values:
    """Ask every measure; those that lack what they need are left out, those that fail are named."""
    values = Values()
    for measure in measures:
        try:
            answer = measure(subject)
            if answer is not None:
                _take_in(values, measure, answer, subject)
        except Exception as error:  # of any type: measures are anybody's
            values.failed[measure.name] = " ".join(f"{type(error).__name__}: {error}".split())
    if subject.validation is not None and len(subject.validation) <= CLASSES_WITH_MATRIX:
        shares = subject.validation.double() / subject.validation.sum(1, keepdim=True).clamp_min(1)
        values.matrices["validation"] = _rows(shares)
    return values


def _take_in(values: Values, measure: Measure, answer: Tensor, subject: Subject) -> None:
    finite = answer[answer.isfinite()]
    if finite.numel() == 0:
        return
    values.means[measure.name] = _short(finite.double().mean().item())
    if answer.ndim:
        values.each[measure.name] = [_short(v) if math.isfinite(v) else None for v in answer.double().tolist()]
    matrix = getattr(measure, "matrix", None)
    if matrix is not None and len(subject.pictures) <= CLASSES_WITH_MATRIX:
        values.matrices[measure.name.rpartition("/")[2]] = _rows(matrix(subject))


def controls(
    measures: Sequence[Measure], subject: Subject, kinds: Mapping[str, Sequence[Tensor]]
) -> dict[str, dict[str, Control]]:
    """What the measures say about pictures of known kinds, by measure and kind.

    Args:
        measures: To ask.
        subject: Of the run; its own pictures are not looked at.
        kinds: By name, sets of pictures (K, C, H, W), picture k standing for class k.
    """
    found: dict[str, dict[str, Control]] = {}
    for kind, sets in kinds.items():
        subjects = [subject.instead(pictures) for pictures in sets]
        for measure in measures:
            try:
                answers = [answer.flatten() for each in subjects if (answer := measure(each)) is not None]
            except Exception:  # as above; `evaluate` says so of the snapshot's own pictures
                continue
            if answers and (summary := _summary(torch.cat(answers))):
                found.setdefault(measure.name, {})[kind] = summary
    return found


def seed_spread(measures: Sequence[Measure], subject: Subject) -> dict[str, Control]:
    """Standard deviation over seeds, the mean over classes, by measure; empty where no further seeds were drawn."""
    if subject.others is None:
        return {}
    found = {}
    everyone = [subject.pictures, *subject.others]
    for measure in measures:
        answers = [measure(subject.instead(pictures)) for pictures in everyone]
        each = [answer for answer in answers if answer is not None and answer.ndim]
        if len(each) == len(everyone):
            stacked = torch.stack(each).double()
            found[measure.name] = {
                "mean": _short(stacked.mean().item()),
                "sd": _short(stacked.std(0).mean().item()),
                "n": len(everyone),
            }
    noise = seed_noise(subject)
    if noise is not None:
        found["stability/distance"] = _summary(noise)
    return found


def _summary(values: Tensor) -> Control:
    values = values[values.isfinite()].double()
    if len(values) == 0:
        return {}
    spread = values.std().item() if len(values) > 1 else 0.0
    return {"mean": _short(values.mean().item()), "sd": _short(spread), "n": len(values)}


def _rows(matrix: Tensor) -> list[list[float]]:
    return [[_short(value) for value in row] for row in matrix.tolist()]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
