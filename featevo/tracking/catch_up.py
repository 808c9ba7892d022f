"""After a resume: trackers get what the record has and they do not have."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from torch import Tensor

from featevo.record.images import load_image, load_real
from featevo.record.reading import read_evolution
from featevo.record.safe import MOST_CSV, read_text
from featevo.record.schema import INDEX, Image, Snapshot
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.points import Points, stored
from featevo.tracking.trackers import log_measures, log_snapshot, points_known_to, worker_of
from featevo.views.snapshotter import Taken

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Row:
    """A row of `metrics.csv`: the values of an epoch, logged from step `first` to step `last`, counted from 0."""

    epoch: int
    first: int
    last: int
    values: dict[str, float]


def catch_up(loggers: Sequence[Logger], folder: Path) -> None:
    """Log to each tracker the metrics, measures and images of the record that it lacks, in their order.

    It does not wait for the trackers, and reads images only when their turn has come. Training never fails by it.

    Args:
        loggers: Those of a run that goes on, guarded, with the points that they have.
        folder: The run folder; its record ends where training goes on.
    """
    try:
        rows = list(_rows(folder))
        snapshots = read_evolution(folder).snapshots if (folder / INDEX).is_file() else []
    except Exception as error:
        log.warning("Trackers get only what follows: the record cannot be read (%s)", " ".join(str(error).split()))
        return
    for logger in loggers:
        if isinstance(logger, MetricsTable):
            continue
        lacks = _lacks(logger, rows, points_known_to(logger))
        calls: list[tuple[int, Callable[[], None]]] = []
        calls += [(row.last, partial(_log_row, logger, row, lacks)) for row in rows]
        for place, snapshot in enumerate(snapshots):
            calls.append((step_of(snapshot), partial(_log_again, logger, snapshot, folder, is_first=not place)))
        for _, call in sorted(calls, key=lambda call: call[0]):
            call()


def step_of(snapshot: Snapshot) -> int:
    """The step of a snapshot's points in trackers; of an older record without it, that of one batch per step."""
    return max(0, snapshot.step - 1) if snapshot.logged_step is None else snapshot.logged_step


def _rows(folder: Path) -> Iterator[_Row]:
    try:
        text = read_text(folder, "metrics.csv", MOST_CSV)
    except FileNotFoundError:  # before the first epoch
        return
    first = 0
    for row in csv.DictReader(StringIO(text, newline="")):
        epoch, last = int(row.pop("epoch")) - 1, int(row.pop("step")) - 1
        yield _Row(epoch, first, last, {key: float(cell) for key, cell in row.items() if cell})
        first = last + 1


def _lacks(logger: Logger, rows: Sequence[_Row], known: Points) -> Callable[[str, _Row], bool]:
    steps: dict[str, set[int]] = {}
    for name, step in known:
        steps.setdefault(name, set()).add(step)
    ends = {row.last for row in rows}

    def lacks(metric: str, row: _Row) -> bool:
        has = steps.get(stored(logger, metric), set())
        # The record has one step an epoch. A learning rate is logged at the epoch's start, so never at that step.
        within = has.isdisjoint(ends) and any(row.first <= step <= row.last for step in has)
        return row.last not in has and not within

    return lacks


def _log_row(logger: Logger, row: _Row, lacks: Callable[[str, _Row], bool]) -> None:
    values = {metric: value for metric, value in row.values.items() if lacks(metric, row)}
    if values:
        logger.log_metrics({**values, "epoch": row.epoch}, row.last)


def _log_again(logger: Logger, snapshot: Snapshot, folder: Path, is_first: bool) -> None:
    if not snapshot.images:
        return
    step = step_of(snapshot)
    log_measures(logger, snapshot, step)
    taken = Taken(snapshot, _Files(folder, snapshot.images), load_real(folder) if is_first else ())
    worker_of(logger).call("log_snapshot", partial(log_snapshot, logger, taken, step))


class _Files(Sequence[Tensor]):
    """The pixels of recorded images, each read when it is asked for: those of a whole run may not fit into memory."""

    def __init__(self, folder: Path, images: Sequence[Image]) -> None:
        self.folder, self.images = folder, images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, place: Any) -> Any:
        return load_image(self.folder, self.images[place].file)
