"""Compute all measures for one snapshot, and for controls that show what a value means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from featevo.measure.needs import uses_renders
from featevo.measure.stability import seed_noise
from featevo.measure.subject import Measure, OfImages, Subject

CLASSES_WITH_MATRIX = 100
"""The most classes whose matrices are kept: with 1,000 a snapshot's would be larger than its images."""

Control = dict[str, float]
"""Mean, standard deviation and number (`mean`, `sd`, `n`) of a measure's values over images of a known kind."""


@dataclass(frozen=True)
class Values:
    """The values of all measures for one snapshot.

    Attributes:
        means: By name, over the classes; of measures that have one value for the whole snapshot, that one.
        each: By name, one value per class, None where there is none.
        matrices: By the name's last part, (K, K) rows.
        failed: By name, why a measure has no value.
    """

    means: dict[str, float] = field(default_factory=dict)
    each: dict[str, list[float | None]] = field(default_factory=dict)
    matrices: dict[str, list[list[float]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(measures: Iterable[Measure], subject: Subject) -> Values:
    """Compute every measure; those that lack what they need are left out, those that fail are named."""
    values = Values()
    for measure in measures:
        try:
            result = measure(subject)
            if result is not None:
                _add(values, measure, result, subject)
        except Exception as error:  # of any type: measures may be the user's own
            values.failed[measure.name] = " ".join(f"{type(error).__name__}: {error}".split())
    if subject.validation is not None and len(subject.validation) <= CLASSES_WITH_MATRIX:
        shares = subject.validation.double() / subject.validation.sum(1, keepdim=True).clamp_min(1)
        values.matrices["validation"] = _rows(shares)
    return values


def _add(values: Values, measure: Measure, result: Tensor, subject: Subject) -> None:
    finite = result[result.isfinite()]
    if finite.numel() == 0:
        return
    values.means[measure.name] = _short(finite.double().mean().item())
    if result.ndim:
        values.each[measure.name] = [_short(v) if math.isfinite(v) else None for v in result.double().tolist()]
    matrix = getattr(measure, "matrix", None)
    if matrix is not None and len(subject.images) <= CLASSES_WITH_MATRIX:
        values.matrices[measure.name.rpartition("/")[2]] = _rows(matrix(subject))


def controls(
    measures: Sequence[Measure], subject: Subject, kinds: Mapping[str, Sequence[Tensor]]
) -> dict[str, dict[str, Control]]:
    """The measures of images of known kinds, by measure and kind; measures of images alone get all sets at once.

    Those that do not use the renders have the controls that they name themselves.

    Args:
        measures: To compute.
        subject: Of the run; its own images are not used.
        kinds: By name, sets of images (K, C, H, W), image k standing for class k.
    """
    found: dict[str, dict[str, Control]] = {}
    for kind, sets in kinds.items():
        one_by_one = [subject.instead(images) for images in sets]
        at_once = [subject.instead(torch.cat(list(sets)))] if sets else []
        for measure in measures:
            if not uses_renders(measure):
                continue
            subjects = at_once if isinstance(measure, OfImages) else one_by_one
            try:
                results = [result.flatten() for each in subjects if (result := measure(each)) is not None]
            except Exception:  # as above; `evaluate` names it for the snapshot's own images
                continue
            if results and (summary := _summary(torch.cat(results))):
                found.setdefault(measure.name, {})[kind] = summary
    for measure in measures:
        try:
            own = measure.controls(subject) if hasattr(measure, "controls") else {}
        except Exception:  # as above
            continue
        for kind, values in own.items():
            if summary := _summary(values.flatten()):
                found.setdefault(measure.name, {})[kind] = summary
    return found


def seed_spread(measures: Sequence[Measure], subject: Subject) -> dict[str, Control]:
    """Standard deviation over seeds, the mean over classes, by measure; empty without further seeds."""
    if subject.others is None:
        return {}
    found = {}
    renders = [subject.images, *subject.others]
    for measure in measures:
        if not uses_renders(measure):
            continue
        try:
            results = [measure(subject.instead(images)) for images in renders]
        except Exception:  # as above
            continue
        each = [result for result in results if result is not None and result.ndim]
        if len(each) == len(renders):
            stacked = torch.stack(each).double()
            mean, spread = stacked.mean().item(), stacked.std(0).mean().item()
            found[measure.name] = {"mean": _short(mean), "sd": _short(spread), "n": len(renders)}
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
