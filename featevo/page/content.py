"""The content of the page as plain data, which becomes JSON: the scripts read nothing else."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

from featevo.page.gather import Gathered
from featevo.page.labels import groups, labels
from featevo.page.layers import layers_of
from featevo.page.matrices import MOST_VALUES, matrices_of
from featevo.page.pictures import COLUMNS, PER_SHEET, RIM, packed, sheets
from featevo.page.real import mosaics
from featevo.page.study_section import read_study, short
from featevo.page.thinning import Plan
from featevo.page.views import shown_units, snapshot_views
from featevo.page.words import words_of
from featevo.record.files import finite
from featevo.record.reading import Evolution, class_names, evenly, in_phase, period_of, read_controls, read_curve
from featevo.record.schema import Image, Snapshot, is_number
from featevo.record.withheld import showable

LOGGED = ("val_acc", "train_acc", "val_loss", "train_loss")
"""Columns of `metrics.csv` that are drawn as curves; measures are from the snapshots."""

LIKELIEST = 6
"""Classes with a probability for each image."""


def content(gathered: Gathered, plan: Plan) -> dict[str, Any]:
    """All data of the runs that the scripts show, reduced by `plan`."""
    named = zip(labels(gathered.evolutions), groups(gathered.evolutions), strict=True)
    runs = [
        {"label": label, "group": group, **_run(evolution, plan, places, MOST_VALUES / len(plan.snapshots))}
        for evolution, (label, group), places in zip(gathered.evolutions, named, plan.snapshots, strict=True)
    ]
    study = read_study(gathered.study) if gathered.study else None
    real = packed(mosaics(gathered.evolutions, plan.classes), plan.quality)
    layout = {"perSheet": PER_SHEET, "columns": COLUMNS, "rim": RIM}
    images = {"classes": plan.classes, "real": vars(real) if any(real.seen) else None, "runs": runs}
    return finite({**layout, **images, "words": words_of(_named(runs)), "study": study})


def times(evolution: Evolution) -> list[float]:
    """The time of each snapshot in epochs: the last of an epoch is at its end, the others evenly before."""
    epochs = [snapshot.epoch for snapshot in evolution.snapshots]
    return [
        epoch - epochs[place + 1 :].count(epoch) / epochs.count(epoch) if epochs.count(epoch) > 1 else float(epoch)
        for place, epoch in enumerate(epochs)
    ]


def _run(evolution: Evolution, plan: Plan, places: list[int], most_values: float) -> dict[str, Any]:
    when, names = times(evolution), evolution.labels()
    other = shown_units(evolution, plan.units)
    place_of = {name: place for place, name in enumerate(plan.classes)}
    units = {unit: name for unit, name in class_names(evolution).items() if name in place_of}
    common = _common(evolution.snapshots[place].provenance for place in places)
    return {
        "key": hashlib.sha256(os.fsencode(os.path.realpath(evolution.folder))).hexdigest()[:12],
        "classes": [place_of[name] for name in units.values()],
        "curves": _curves(evolution, when),
        "controls": showable(read_controls(evolution.folder)),
        "matrices": matrices_of(evolution, places, most_values),
        "layers": layers_of(evolution),
        "provenance": common,
        "views": [{"name": view, "units": units} for view, units in other.items()],
        "snapshots": [
            {
                "key": evolution.snapshots[place].folder,
                "time": when[place],
                "label": names[place],
                **_snapshot(evolution, evolution.snapshots[place], units, plan),
                "views": snapshot_views(evolution.folder, evolution.snapshots[place], other, plan.quality),
                "provenance": {k: v for k, v in evolution.snapshots[place].provenance.items() if k not in common},
            }
            for place in places
        ],
    }


def _snapshot(evolution: Evolution, snapshot: Snapshot, units: Iterable[int], plan: Plan) -> dict[str, Any]:
    renders = {render.unit: render for render in snapshot.of_view()}
    shown = [renders.get(unit) for unit in units]
    names = class_names(evolution)  # of all classes: probabilities also of those that are not on the page
    period = period_of(snapshot.provenance)
    drawn = sheets(evolution.folder, [None if render is None else render.file for render in shown], plan.quality)
    return {
        "accuracy": snapshot.val_acc if is_number(snapshot.val_acc) else None,
        "caption": snapshot.caption,
        "error": snapshot.error,
        "ofClasses": snapshot.belongs_to(),
        "side": drawn.side,
        "data": drawn.data,
        "renders": [
            None if render is None else _render(render, seen, names, plan.trace, period)
            for render, seen in zip(shown, drawn.seen, strict=True)
        ],
    }


def _render(render: Image, seen: bool, names: dict[int, str], points: int, period: int) -> dict[str, Any]:
    likeliest = sorted(render.probabilities.items(), key=lambda item: -item[1])[:LIKELIEST]
    return {
        "seen": seen,
        "logit": short(render.values.get("logit")),
        "probability": short(render.values.get("probability")),
        "likeliest": [[names.get(unit, f"class {unit}"), short(value)] for unit, value in likeliest],
        **_trace(render, points, period),
        "measures": _numbers(render.measures),
    }


def _trace(render: Image, most: int, period: int) -> dict[str, Any]:
    """At most `most` values of a trace, the count of all, and the steps between two values; both 0 in older records."""
    values = [value for value in render.trace if is_number(value)]
    count, every = render.trace_of, render.trace_every
    places = sorted({0, *range((count - 1) % every, count, every)}) if every > 0 else []
    if not count or len(places) != len(values):
        return {"trace": [short(values[place]) for place in evenly(len(values), most)], "of": 0, "every": 0}
    at = dict(zip(places, values, strict=True))
    if len(values) > most:
        every, places = in_phase(count, most, math.lcm(period, every))
    return {"trace": [short(at[place]) for place in places], "of": count, "every": every}


def _curves(evolution: Evolution, when: list[float]) -> dict[str, list[tuple[float, float | None]]]:
    """Points (epoch, value) by name: values logged at each epoch, else those of the snapshots, and measures."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for name in LOGGED:
        logged = [(float(epoch), value) for epoch, value in read_curve(evolution.folder, name)]
        recorded = zip(when, (getattr(snapshot, name, None) for snapshot in evolution.snapshots), strict=True)
        curves[name] = logged or [(time, value) for time, value in recorded if value is not None and is_number(value)]
    for name in dict.fromkeys(name for snapshot in evolution.snapshots for name in _numbers(snapshot.measures)):
        pairs = zip(when, evolution.snapshots, strict=True)
        curves[name] = [(time, s.measures[name]) for time, s in pairs if is_number(s.measures.get(name))]
    return {name: [(time, short(value)) for time, value in points] for name, points in curves.items() if points}


def _named(runs: Sequence[dict[str, Any]]) -> Iterable[str]:
    """The names of all curves and of all measures of renders, each once."""
    renders = [render for run in runs for snapshot in run["snapshots"] for render in snapshot["renders"] if render]
    given = [*(run["curves"] for run in runs), *(render["measures"] for render in renders)]
    return dict.fromkeys(name for names in given for name in names)


def _common(provenances: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The entries that are equal in all, which are on the page only once."""
    first, *rest = [*provenances] or [{}]
    return {key: value for key, value in first.items() if all(key in p and p[key] == value for p in rest)}


def _numbers(measures: dict[str, Any]) -> dict[str, float | None]:
    return {name: short(value) for name, value in showable(measures).items() if is_number(value)}
