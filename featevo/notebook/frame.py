"""The numbers of a run as rows of a table. What was not recorded is NaN.

Of a run by epoch: a row for each epoch that was logged or drawn, in order. A moment within an epoch at which images
were drawn has a row of its own. The columns:

    epoch, step                     completed epochs and optimizer steps
    drawn                           whether there are images of the classes
    val_acc, train_acc              accuracies in 0..1
    val_loss, train_loss            losses
    logit, probability              the network's own for the images of the classes, means over the classes
    the measures by their names     means over the classes

Of a run by class: a row for each snapshot and class. The columns:

    epoch, step, val_acc            of the snapshot
    class                           name of the class
    logit, probability              the network's own of this class for its image
    likeliest                       the class that has the highest probability for this image
    the measures by their names     of this image; only those that have a value for each image
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from featevo.errors import UserError
from featevo.figures.table import mean_value
from featevo.page.content import LOGGED
from featevo.record.reading import Evolution, class_names, read_curve
from featevo.record.schema import Snapshot, is_number
from featevo.record.withheld import showable

if TYPE_CHECKING:
    import pandas

OWN = ("logit", "probability")
"""Values of each class image that are columns."""


def as_frame(rows: Iterable[dict[str, Any]]) -> pandas.DataFrame:
    """Rows as a DataFrame; raises `UserError` if pandas is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise UserError("frame() needs pandas: pip install 'featevo[notebook]'") from error
    return pandas.DataFrame(list(rows))


def rows_of(evolution: Evolution, by_class: bool) -> list[dict[str, Any]]:
    """The rows of a run, by epoch or by class; see above."""
    return _by_class(evolution) if by_class else _by_epoch(evolution)


def _by_epoch(evolution: Evolution) -> list[dict[str, Any]]:
    curves = {name: dict(read_curve(evolution.folder, name)) for name in ("step", *LOGGED)}
    last = {snapshot.epoch: snapshot for snapshot in evolution.snapshots}
    rows = []
    for snapshot in evolution.snapshots:
        logged = _at(snapshot.epoch, curves) if snapshot is last[snapshot.epoch] else {}  # it is of the epoch's end
        own = {name: getattr(snapshot, name, None) for name in ("step", *LOGGED)}
        known = {name: value for name, value in own.items() if value is not None}
        rows.append(_row(snapshot.epoch, {**logged, **known}, snapshot))
    others = set[int]().union(*curves.values()) - last.keys()
    rows += [_row(epoch, _at(epoch, curves)) for epoch in others]
    return sorted(rows, key=lambda row: (row["epoch"], row["step"]))


def _at(epoch: int, curves: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
    return {name: curve[epoch] for name, curve in curves.items() if epoch in curve}


def _row(epoch: int, values: Mapping[str, float], snapshot: Snapshot | None = None) -> dict[str, Any]:
    means = {name: None if snapshot is None else mean_value(snapshot, name) for name in OWN}
    return {
        "epoch": epoch,
        "step": int(values["step"]) if "step" in values else math.nan,
        "drawn": snapshot is not None and bool(snapshot.of_view()),
        **{name: values.get(name, math.nan) for name in LOGGED},
        **{name: math.nan if value is None else value for name, value in means.items()},
        **({} if snapshot is None else _numbers(snapshot.measures)),
    }


def _by_class(evolution: Evolution) -> list[dict[str, Any]]:
    names = class_names(evolution)
    return [
        {
            "epoch": snapshot.epoch,
            "step": snapshot.step,
            "val_acc": math.nan if snapshot.val_acc is None else snapshot.val_acc,
            "class": names[image.unit],
            **{name: image.values.get(name, math.nan) for name in OWN},
            "likeliest": _likeliest(image.probabilities, names),
            **_numbers(image.measures),
        }
        for snapshot in evolution.snapshots
        for image in snapshot.of_view()
    ]


def _likeliest(probabilities: Mapping[int, float], names: Mapping[int, str]) -> str | float:
    unit = max(probabilities, key=lambda unit: probabilities[unit], default=None)
    return math.nan if unit is None else names.get(unit, f"class {unit}")


def _numbers(measures: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in showable(measures).items() if is_number(value)}
