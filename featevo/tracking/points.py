"""The points that the run of a tracker has already, by what it was told: after a resume, only new ones are logged."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Collection, Iterable, Mapping
from functools import singledispatch
from pathlib import Path
from typing import Any

import wandb
from pytorch_lightning.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from featevo.tracking.packages import of_either
from featevo.tracking.wandb_files import history

Points = Collection[tuple[str, int]]
"""Metrics and images, each by its name as the tracker stores it, and its step as Lightning counts it."""

API_PATIENCE = 20
"""Seconds for an answer of W&B's server."""

STEP = "trainer/global_step"
"""The key under which Lightning's W&B logger logs the step."""

log = logging.getLogger(__name__)


@singledispatch
def known_points(logger: Logger) -> set[tuple[str, int]]:
    """The points that an open run has; none for loggers without a function, whose run counts as new."""
    return set()


@known_points.register(of_either(TensorBoardLogger))
def _(logger: TensorBoardLogger) -> set[tuple[str, int]]:
    from tensorboard.backend.event_processing.event_file_loader import (  # type: ignore[import-untyped]
        RawEventFileLoader,
    )
    from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]

    files = sorted(Path(logger.log_dir).glob("events.out.tfevents.*"))
    events = (Event.FromString(raw) for file in files for raw in RawEventFileLoader(str(file)).Load())
    return {(value.tag, event.step) for event in events for value in event.summary.value}


@known_points.register(of_either(CSVLogger))
def _(logger: CSVLogger) -> set[tuple[str, int]]:
    file = Path(logger.log_dir, "metrics.csv")
    if not file.is_file():
        return set()
    with file.open(encoding="utf-8", newline="") as text:
        return {(key, int(row["step"])) for row in csv.DictReader(text) for key, cell in row.items() if cell}


@known_points.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger) -> set[tuple[str, int]]:
    client, run = logger.experiment, logger.run_id
    assert run is not None
    metrics = client.get_run(run).data.metrics
    points = {(key, point.step) for key in metrics for point in client.get_metric_history(run, key)}
    for file in client.list_artifacts(run, "images"):
        # As MLflow names them: the key with ~ for slashes, "step", the step, ...
        key, *parts = Path(file.path).name.split("+")
        if file.path.endswith(".png") and len(parts) > 1 and parts[1].isdecimal():
            points.add((key.replace("~", "/"), int(parts[1])))
    return points


@known_points.register(of_either(WandbLogger))
def _(logger: WandbLogger) -> set[tuple[str, int]]:
    run = logger.experiment
    rows: Iterable[Mapping[str, Any]] = ()
    if run.offline:
        rows = (row for _, row in history(wandb_folder(run), run.id))
    elif run.resumed:
        rows = wandb.Api(timeout=API_PATIENCE).run(run.path).scan_history()
    return {
        (key, int(row[STEP]))
        for row in rows
        if isinstance(row.get(STEP), int | float)
        for key, value in row.items()
        if value is not None
    }


def wandb_folder(run: wandb.Run) -> Path:
    """The folder `wandb` that has the files of a run."""
    return Path(run.dir).parent.parent


def points_of(logger: Logger) -> Points:
    """The same as `known_points`; a tracker that does not answer counts as empty, with a warning."""
    try:
        return frozenset(known_points(logger))
    except Exception as error:  # of any tracker
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        log.warning("%s: what it has cannot be read (%s); it may get some points twice", type(logger).__name__, reason)
        return frozenset()


def stored(logger: Logger, metric: str) -> str:
    """A metric's name as Lightning's loggers give it to their tracker."""
    prefix = vars(logger).get("_prefix")
    name = f"{prefix}-{metric}" if prefix else metric
    return re.sub(r"[^a-zA-Z0-9_/. -]+", "", name) if isinstance(logger, of_either(MLFlowLogger)) else name
