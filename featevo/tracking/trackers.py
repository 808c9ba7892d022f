"""Trackers: who else hears of a snapshot, after the record. Adding one is one function registered here or anywhere.

@log_snapshot.register
def _(logger: MyLogger, taken: Taken, step: int) -> None: ...
"""

from __future__ import annotations

import logging
import re
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial, singledispatch, wraps
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import wandb
from pytorch_lightning.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from featevo.figures.grid import arrange
from featevo.record.images import to_uint8
from featevo.record.schema import MAIN_VIEW, Image, Snapshot
from featevo.record.withheld import showable
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.packages import of_either
from featevo.tracking.summary import attach, ending, summarise
from featevo.tracking.worker import PATIENCE, Worker, drain_all
from featevo.views.snapshotter import Taken

WORKER = "featevo_worker"
"""Attribute of a logger: the worker that makes its calls."""

GUARDED = "featevo_guarded"
"""Attribute of a logger that `guarded` has been over."""

AT_ONCE = ("log_graph", "after_save_checkpoint")
"""Methods of a logger that look at the model or at checkpoints."""

log = logging.getLogger(__name__)


@singledispatch
def log_snapshot(logger: Logger, taken: Taken, step: int) -> None:
    """Show the pictures of a snapshot in a tracker; by default, as for tables of numbers, nothing.

    It is called in the tracker's own thread, so it may take its time, but must not draw from the global random
    generators.

    Args:
        logger: Chooses the function.
        taken: What the record holds, and the pixels.
        step: The x-value that Lightning gave to the metrics of the same moment.
    """


@log_snapshot.register(of_either(WandbLogger))
def _(logger: WandbLogger, taken: Taken, step: int) -> None:
    # One call for all keys: one tick of the media sliders. W&B turns float pictures black, so it gets uint8.
    pictures, grid = shown(taken)
    snapshot = taken.snapshot
    media = {
        key: wandb.Image(pixels, caption=caption(snapshot, image.values.get("probability")))
        for key, image, pixels in zip(media_keys(snapshot.images), snapshot.images, pictures, strict=True)
    }
    media["evolution/grid"] = wandb.Image(grid, caption=caption(snapshot))
    # As the curves of the same logger count them: Lightning from 0, a guarded one from 1.
    epoch = snapshot.epoch - (0 if vars(logger).get(GUARDED) else 1)
    logger.experiment.log({**media, "epoch": epoch, "trainer/global_step": step})


@log_snapshot.register(of_either(TensorBoardLogger))
def _(logger: TensorBoardLogger, taken: Taken, step: int) -> None:
    pictures, grid = shown(taken)
    keys = media_keys(taken.snapshot.images)
    for name, pixels in [*zip(keys, pictures, strict=True), ("evolution/grid", grid)]:
        logger.experiment.add_image(name, pixels, step, dataformats="HWC" if pixels.ndim == 3 else "HW")


@log_snapshot.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger, taken: Taken, step: int) -> None:
    pictures, grid = shown(taken)
    # MLflow takes ASCII letters, digits and some signs.
    named = [re.sub(r"[^\w\-. /]+", "-", key, flags=re.ASCII) for key in media_keys(taken.snapshot.images)]
    for name, pixels in [*zip(named, pictures, strict=True), ("evolution/grid", grid)]:
        logger.experiment.log_image(logger.run_id, pixels, key=name, step=step, synchronous=True)


@singledispatch
def log_ending(logger: Logger, folder: Path) -> None:
    """Tell a tracker what a run came to; by default nothing. Called like `log_snapshot`.

    Args:
        logger: Chooses the function.
        folder: The run folder, whose record, page and figure are complete, as far as there are any.
    """


@log_ending.register(of_either(WandbLogger))
def _(logger: WandbLogger, folder: Path) -> None:
    summarise(logger.experiment, folder)
    attach(logger.experiment, folder)


@log_ending.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger, folder: Path) -> None:
    for name, value in ending(folder).items():
        logger.experiment.log_metric(logger.run_id, name, value, synchronous=True)
    for name in ("report.html", "evolution.png"):
        if (folder / name).is_file():
            logger.experiment.log_artifact(logger.run_id, str(folder / name))


def shown(taken: Taken) -> tuple[list[np.ndarray], np.ndarray]:
    """All images, and those of the main view on one, as uint8 (H, W, 3), or (H, W) where they are grey."""
    pictures = [to_uint8(pixels) for pixels in taken.pixels]
    main = [pixels for image, pixels in zip(taken.snapshot.images, pictures, strict=True) if image.view == MAIN_VIEW]
    return pictures, np.asarray(arrange([PIL.Image.fromarray(pixels) for pixels in main or pictures]))


def media_keys(images: Sequence[Image]) -> list[str]:
    """`features/<class>` of each image, `<view>/<name>` of other views: without further slashes, which nest keys.

    No two are the same, nor in ASCII letters, digits and ` _-./` alone: where they would be, the unit is added.
    """
    keys = []
    for image in images:
        view = "features" if image.view == MAIN_VIEW else image.view
        keys.append(f"{view}/{' '.join(image.name.replace('/', '-').split())}")
    plain = [re.sub(r"[^\w\-. /]+", "-", key, flags=re.ASCII) for key in keys]
    count = Counter(plain)
    return [
        key + (f" {image.unit}" if count[bare] > 1 else "")
        for key, bare, image in zip(keys, plain, images, strict=True)
    ]


def caption(snapshot: Snapshot, probability: float | None = None) -> str:
    """Epoch and accuracy of a snapshot in words; the monitored value where that is something else.

    Args:
        snapshot: With or without an accuracy.
        probability: That the network gives one of its images, in 0..1; None: not said.
    """
    words = [f"epoch {snapshot.epoch}" if snapshot.epoch else "before training"]
    if snapshot.val_acc is not None:
        words.append(f"val acc {snapshot.val_acc:.3f}")
    if snapshot.value is not None and snapshot.value != snapshot.val_acc:
        words.append(f"{snapshot.monitor} {snapshot.value:.3f}")
    if probability is not None:
        words.append(f"probability {probability:.2f}")
    return ", ".join(words)


def without_pictures(loggers: Sequence[Logger]) -> list[str]:
    """Class names of the loggers that `log_snapshot` has no function for, each once; featevo's own table aside."""
    nothing = log_snapshot.dispatch(object)
    kinds = dict.fromkeys(type(logger) for logger in loggers if not isinstance(logger, MetricsTable))
    return [kind.__name__ for kind in kinds if log_snapshot.dispatch(kind) is nothing]


def tell(loggers: Sequence[Logger], taken: Taken, step: int) -> None:
    """Show a snapshot in all trackers, its measures as numbers of their own names; none of them is waited for.

    What fails is logged and passed over, as the record has everything.
    """
    measures = showable(taken.snapshot.measures)
    size = sum(pixels.nbytes for pixels in taken.pixels)
    for logger in loggers:
        if measures and not isinstance(logger, MetricsTable):
            try:
                logger.log_metrics(metrics={**measures, "epoch": taken.snapshot.epoch - 1}, step=step)
            except Exception:
                log.exception("%s did not take the measures; the record has them", type(logger).__name__)
        worker_of(logger).call("log_snapshot", partial(log_snapshot, logger, taken, step), size)


def worker_of(logger: Logger) -> Worker:
    """The one worker of a logger."""
    if WORKER not in vars(logger):  # not by hasattr: some loggers answer to any name
        setattr(logger, WORKER, Worker(type(logger).__name__))
    return vars(logger)[WORKER]


def drain(loggers: Sequence[Logger], patience: float = PATIENCE) -> None:
    """Wait until all trackers have heard everything, at most `patience` seconds; who has not by then is left."""
    drain_all([vars(logger)[WORKER] for logger in loggers if WORKER in vars(logger)], patience)


def notify_end(loggers: Sequence[Logger], folder: Path) -> None:
    """Tell all trackers what a run came to, after everything they were told before; see `drain`."""
    for logger in loggers:
        worker_of(logger).call("log_ending", partial(log_ending, logger, folder))


def guarded(logger: Logger) -> Logger:
    """The same logger, whose failures and delays no longer reach training and whose epochs count from 1.

    Its methods return at once: what they do is done in order, among the snapshots, by the logger's worker. What looks
    at the model or at checkpoints, which training changes, is done on the spot.
    """
    # Lightning opens it here, too: opened in two threads, there would be two.
    worker_of(logger).now("experiment", lambda: getattr(logger, "experiment", None))
    worker = worker_of(logger)
    for name in ("log_metrics", "log_hyperparams", "log_graph", "save", "after_save_checkpoint", "finalize"):
        method = getattr(logger, name, None)
        if method is not None:
            setattr(logger, name, _guarded(worker.now if name in AT_ONCE else worker.call, name, method))
    setattr(logger, GUARDED, True)
    return logger


def _guarded(make: Callable[[str, Callable[[], object]], None], name: str, method: Any) -> Any:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> None:
        taken = {key: _taken(name, value) for key, value in kwargs.items()}
        make(name, partial(method, *(_taken(name, value) for value in args), **taken))

    return call


def _taken(name: str, value: Any) -> Any:
    # A copy: all loggers get the same dictionary, and who gave it may change it before the worker comes to it.
    if not isinstance(value, dict | Namespace):
        return value
    value = copy(value)
    if name == "log_metrics" and "epoch" in value:
        value["epoch"] += 1
    return value
