"""The end of a run for its trackers: results, then the last calls, then W&B's exit state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytorch_lightning.loggers import Logger

from featevo.tracking.trackers import drain, notify_end
from featevo.tracking.wandb_run import finish
from featevo.tracking.worker import PATIENCE

BRIEF = 0.9
"""Patience after SIGTERM. Draining at the end of the fit, and here draining and closing, take this long each at most,
less than three seconds together: whoever sends SIGTERM soon sends SIGKILL."""


def end(loggers: Sequence[Logger], folder: Path, exit_code: int, patience: float | None = None) -> None:
    """Log the results to all trackers, wait for them, and close the W&B run.

    Args:
        loggers: Of the trackers.
        folder: The run folder, whose record is complete.
        exit_code: Of the run, see `featevo.tracking.wandb_run.finish`.
        patience: Seconds to wait for trackers, and then again for W&B's end; None: as long as after any run.
    """
    notify_end(loggers, folder)
    drain(loggers, PATIENCE if patience is None else patience)
    finish(exit_code, patience)
