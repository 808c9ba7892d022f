"""Trackers: loggers that are notified of a snapshot once it is recorded. A new tracker needs one function:

@log_snapshot.register
def _(logger: MyLogger, taken: Taken, step: int) -> None: ...
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial, singledispatch, wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import PIL.Image
import wandb
from pytorch_lightning.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from featevo.figures.grid import arrange
from featevo.record.images import to_uint8
from featevo.record.schema import MAIN_VIEW, Snapshot
from featevo.record.withheld import showable
from featevo.tracking.final_values import attach, final_values
from featevo.tracking.media_keys import in_ascii, media_keys
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.packages import of_either
from featevo.tracking.points import STEP, Points, stored
from featevo.tracking.worker import PATIENCE, Worker
from featevo.views.snapshotter import Taken

AnyLogger = TypeVar("AnyLogger", bound=Logger)

WORKER = "featevo_worker"
"""Attribute of a logger: the worker that makes its calls."""

GUARDED = "featevo_guarded"
"""Attribute of a logger that `guarded` has changed."""

KNOWN = "featevo_known"
"""Attribute of a logger: the points that its tracker has from before a resume."""

GRID = "evolution/grid"
"""Key of the grid of all classes."""

REAL_GRID = "evolution/real"
"""Key of a grid of real images, in the same order; it is logged once."""

AT_ONCE = ("log_graph", "after_save_checkpoint")
"""Methods of a logger that read the model or checkpoints."""


@singledispatch
def log_snapshot(logger: Logger, taken: Taken, step: int) -> None:
    """Log the images of a snapshot to a tracker; by default, as for tables of numbers, do nothing.

    It runs in a thread of the tracker's own, so it may be slow, but must not use the global random generators.

    Args:
        logger: Chooses the function.
        taken: The snapshot as recorded, and its pixels.
        step: The x-value that Lightning gave to the metrics of the same moment.
    """


@log_snapshot.register(of_either(WandbLogger))
def _(logger: WandbLogger, taken: Taken, step: int) -> None:
    # One call for all keys: one tick of the media sliders. W&B shows float images black, so it gets uint8.
    snapshot = taken.snapshot
    texts = [caption(snapshot, image.values.get("probability")) for image in snapshot.images]
    captions = dict(zip(media_keys(snapshot.images), texts, strict=True))
    captions |= {GRID: caption(snapshot), REAL_GRID: "real images"}
    media = {key: wandb.Image(pixels, caption=captions[key]) for key, pixels in _new_media(logger, taken, step)}
    if not media:
        return
    # The same count as in the logger's curves: Lightning counts from 0, a guarded logger from 1.
    epoch = snapshot.epoch - (0 if vars(logger).get(GUARDED) else 1)
    logger.experiment.log({**media, "epoch": epoch, STEP: step})


@log_snapshot.register(of_either(TensorBoardLogger))
def _(logger: TensorBoardLogger, taken: Taken, step: int) -> None:
    for key, pixels in _new_media(logger, taken, step):
        logger.experiment.add_image(key, pixels, step, dataformats="HWC" if pixels.ndim == 3 else "HW")


@log_snapshot.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger, taken: Taken, step: int) -> None:
    for key, pixels in _new_media(logger, taken, step, in_ascii):
        logger.experiment.log_image(logger.run_id, pixels, key=key, step=step, synchronous=True)


@singledispatch
def log_end(logger: Logger, folder: Path) -> None:
    """Log the results of a run to a tracker, in the same thread as `log_snapshot`; by default do nothing.

    The record, page and figure in the run folder are complete, if they exist.
    """


@log_end.register(of_either(WandbLogger))
def _(logger: WandbLogger, folder: Path) -> None:
    logger.experiment.summary.update(final_values(folder))
    attach(logger.experiment, folder)


@log_end.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger, folder: Path) -> None:
    for name, value in final_values(folder).items():
        logger.experiment.log_metric(logger.run_id, name, value, synchronous=True)
    for name in ("report.html", "evolution.png"):
        if (folder / name).is_file():
            logger.experiment.log_artifact(logger.run_id, str(folder / name))


def shown(taken: Taken) -> tuple[list[np.ndarray], np.ndarray]:
    """All images, and one grid of the main view's images, as uint8 (H, W, 3), or (H, W) if grey."""
    images = [to_uint8(pixels) for pixels in taken.pixels]
    main = [pixels for image, pixels in zip(taken.snapshot.images, images, strict=True) if image.view == MAIN_VIEW]
    return images, _grid(main or images)


def _grid(images: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(arrange([PIL.Image.fromarray(pixels) for pixels in images]))


def _new_media(
    logger: Logger, taken: Taken, step: int, name: Callable[[str], str] = str
) -> list[tuple[str, np.ndarray]]:
    """Names and pixels of the images and grids that the tracker does not have; `name` makes names from keys."""
    known = points_known_to(logger)
    # The grid is that of the classes; a snapshot of other views alone has none.
    keys = [*media_keys(taken.snapshot.images), *([GRID] if taken.snapshot.of_view() else [])]
    names = [name(key) for key in keys]
    found = []
    if not all((each, step) in known for each in names):
        images, grid = shown(taken)
        # Not strict: of the grid that has no name.
        found = list(zip(names, [*images, grid], strict=False))
    if taken.real:
        found.append((name(REAL_GRID), _grid([to_uint8(pixels) for pixels in taken.real])))
    return [(each, pixels) for each, pixels in found if (each, step) not in known]


def caption(snapshot: Snapshot, probability: float | None = None) -> str:
    """Epoch, accuracy, monitored value if it is another one, and a probability in 0..1 in words; None is left out."""
    words = [f"epoch {snapshot.epoch}" if snapshot.epoch else "before training"]
    if snapshot.val_acc is not None:
        words.append(f"val acc {snapshot.val_acc:.3f}")
    if snapshot.value is not None and snapshot.value != snapshot.val_acc:
        words.append(f"{snapshot.monitor} {snapshot.value:.3f}")
    if probability is not None:
        words.append(f"probability {probability:.2f}")
    return ", ".join(words)


def without_images(loggers: Sequence[Logger]) -> list[str]:
    """Class names, each once, of the loggers that have no function in `log_snapshot`; without `MetricsTable`."""
    nothing = log_snapshot.dispatch(object)
    kinds = dict.fromkeys(type(logger) for logger in loggers if not isinstance(logger, MetricsTable))
    return [kind.__name__ for kind in kinds if log_snapshot.dispatch(kind) is nothing]


def notify(loggers: Sequence[Logger], taken: Taken, step: int) -> None:
    """Log a snapshot's images and measures to all trackers without waiting for them.

    A failure is logged and does not stop the run, as the record has everything.
    """
    size = sum(pixels.nbytes for pixels in taken.pixels)
    for logger in loggers:
        log_measures(logger, taken.snapshot, step)
        worker_of(logger).call("log_snapshot", partial(log_snapshot, logger, taken, step), size)


def log_measures(logger: Logger, snapshot: Snapshot, step: int) -> None:
    """Log a snapshot's measures to a tracker; those of the metrics table are about training alone."""
    measures = showable(snapshot.measures)
    if measures and not isinstance(logger, MetricsTable):
        metrics = {**measures, "epoch": snapshot.epoch - 1}
        worker_of(logger).now("log_metrics", partial(logger.log_metrics, metrics=metrics, step=step))


def notify_end(loggers: Sequence[Logger], folder: Path) -> None:
    """Log the results of a run to all trackers, after all earlier calls, without waiting for them."""
    for logger in loggers:
        worker_of(logger).call("log_end", partial(log_end, logger, folder))


def worker_of(logger: Logger) -> Worker:
    """The one worker of a logger."""
    # Not by getattr: some loggers have an attribute of any name.
    return vars(logger).setdefault(WORKER, Worker(type(logger).__name__))


def drain(loggers: Sequence[Logger], patience: float = PATIENCE) -> None:
    """Wait until all calls of all loggers are made, at most `patience` seconds; then give up the slow loggers."""
    deadline = time.monotonic() + patience
    for logger in loggers:
        if WORKER in vars(logger):
            worker_of(logger).drain(deadline)


def points_known_to(logger: Logger) -> Points:
    """The points that `guarded` was told of."""
    # Not by getattr: some loggers have an attribute of any name.
    return vars(logger).get(KNOWN, frozenset())


def guarded(logger: AnyLogger, known: Points = frozenset()) -> AnyLogger:
    """The same logger, changed: its failures and delays do not reach training, and its epochs count from 1.

    Its methods return at once; the logger's worker makes the calls in order, together with the snapshots. Methods that
    read the model or checkpoints, which training changes, are called at once.

    Args:
        logger: Of a tracker.
        known: Points that the tracker has from before a resume; they are not logged again.
    """
    worker = worker_of(logger)
    # Lightning opens the experiment in this thread, too: opened in two threads, there would be two.
    worker.now("experiment", lambda: getattr(logger, "experiment", None))
    setattr(logger, KNOWN, known)
    for name in ("log_metrics", "log_hyperparams", "log_graph", "save", "after_save_checkpoint", "finalize"):
        method = getattr(logger, name, None)
        if method is not None:
            if known and name == "log_metrics":
                method = _without(known, logger, method)
            setattr(logger, name, _guarded(worker.now if name in AT_ONCE else worker.call, name, method))
    setattr(logger, GUARDED, True)
    return logger


def _without(known: Points, logger: Logger, method: Any) -> Any:
    @wraps(method)
    def log_metrics(metrics: dict[str, Any], step: int | None = None) -> None:
        # The epoch is no point: it goes with the others.
        new = {key for key in metrics if key != "epoch" and (stored(logger, key), step or 0) not in known}
        if new:
            method({key: value for key, value in metrics.items() if key in new | {"epoch"}}, step)

    return log_metrics


def _guarded(make: Callable[[str, Callable[[], object]], None], name: str, method: Any) -> Any:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> None:
        copies = {key: _copied(name, value) for key, value in kwargs.items()}
        make(name, partial(method, *(_copied(name, value) for value in args), **copies))

    return call


def _copied(name: str, value: Any) -> Any:
    # All loggers get the same dictionary, and the caller may change it before the worker makes the call.
    if not isinstance(value, dict | Namespace):
        return value
    value = copy(value)
    if name == "log_metrics" and "epoch" in value:
        value["epoch"] += 1
    return value
