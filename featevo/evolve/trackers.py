"""Trackers: who else hears of a snapshot, after the record. Adding one is one function registered here or anywhere.

@log_snapshot.register
def _(logger: MyLogger, snapshot: Snapshot, step: int) -> None: ...
"""

from __future__ import annotations

import logging
from functools import singledispatch, wraps
from typing import Any

import numpy as np
import wandb
from PIL import Image
from pytorch_lightning.loggers import Logger, WandbLogger

from featevo.evolve.record import Snapshot, to_uint8
from featevo.figures.grid import arrange

GUARDED = "featevo_guarded"
"""Attribute of a logger that `guarded` has been over."""

log = logging.getLogger(__name__)


@singledispatch
def log_snapshot(logger: Logger, snapshot: Snapshot, step: int) -> None:
    """Show a snapshot in a tracker; by default, as for tables of numbers, nothing.

    Args:
        logger: Chooses the function.
        snapshot: What the record holds.
        step: The x-value that Lightning gave to the metrics of the same moment.
    """


@log_snapshot.register
def _(logger: WandbLogger, snapshot: Snapshot, step: int) -> None:
    # One call for all keys: one tick of the media sliders. W&B turns float pictures black, so it gets uint8.
    pictures = [to_uint8(render.image) for render in snapshot.renders]
    shown = {
        f"features/{key(snapshot.names[render.unit])}": wandb.Image(
            pixels, caption=f"{caption(snapshot)}, probability {render.probability:.2f}"
        )
        for render, pixels in zip(snapshot.renders, pictures, strict=True)
    }
    grid = arrange([Image.fromarray(pixels) for pixels in pictures])
    shown["evolution/grid"] = wandb.Image(np.asarray(grid), caption=caption(snapshot))
    # As the curves of the same logger count them: Lightning from 0, a guarded one from 1.
    epoch = snapshot.moment.epoch - (0 if getattr(logger, GUARDED, False) else 1)
    logger.experiment.log({**shown, "epoch": epoch, "trainer/global_step": step})


def key(name: str) -> str:
    """A class name as part of a tracker's key: without slashes, which nest keys, and line breaks."""
    return " ".join(name.replace("/", "-").split())


def caption(snapshot: Snapshot) -> str:
    """Epoch and accuracy of a snapshot in words; the monitored value where that is something else."""
    moment = snapshot.moment
    words = [f"epoch {moment.epoch}" if moment.epoch else "before training"]
    if moment.val_acc is not None:
        words.append(f"val acc {moment.val_acc:.3f}")
    if moment.value is not None and moment.value != moment.val_acc:
        words.append(f"{moment.monitor} {moment.value:.3f}")
    return ", ".join(words)


def tell(loggers: list[Logger], snapshot: Snapshot, step: int) -> None:
    """Show a snapshot in all trackers; one that fails is logged and passed over, as the record has everything."""
    for logger in loggers:
        try:
            log_snapshot(logger, snapshot, step)
        except Exception:
            log.exception("%s did not take the snapshot; the record has it", type(logger).__name__)


def guarded(logger: Logger) -> Logger:
    """The same logger, whose failures no longer stop training and whose epochs count from 1 like the record's.

    Each failing method is logged once with its traceback, then passed over in silence.
    """
    for name in ("log_metrics", "log_hyperparams", "log_graph", "save", "after_save_checkpoint", "finalize"):
        method = getattr(logger, name, None)
        if method is not None:
            setattr(logger, name, _guarded(method, f"{type(logger).__name__}.{name}"))
    setattr(logger, GUARDED, True)
    return logger


def _guarded(method: Any, label: str) -> Any:
    failed = False

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal failed
        metrics = kwargs.get("metrics")
        if metrics and "epoch" in metrics:
            kwargs["metrics"] = {**metrics, "epoch": metrics["epoch"] + 1}
        try:
            return method(*args, **kwargs)
        except Exception:
            if not failed:
                log.exception("%s failed; training goes on, the record has everything", label)
            failed = True

    return call
