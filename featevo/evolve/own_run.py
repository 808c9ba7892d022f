"""What `featevo.train` does around a run, for callbacks in other projects: `run.json`, table, page, trackers."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.utilities import rank_zero_info

from featevo.page.refresh import Refresh
from featevo.page.report_file import write_page
from featevo.record.files import log_failure
from featevo.record.reading import read_run
from featevo.record.runfile import recorded_run
from featevo.record.schema import TrainingState
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.settings import log_settings
from featevo.tracking.trackers import notify_end, worker_of

log = logging.getLogger(__name__)


class OwnRun:
    """The record around the snapshots of one training; on the main process alone.

    Args:
        folder: The run folder.
        name: Of the run; None: that of the folder.
        rows: Of `metrics.csv`, of an earlier part of the training.

    Attributes:
        refresh: Writes the page again, if it is due.
    """

    def __init__(self, folder: Path, name: str | None, rows: dict[int, dict[str, Any]]) -> None:
        self._folder, self._name = folder, name or folder.resolve().name
        self._table = MetricsTable(folder)
        self.refresh = Refresh(folder)
        self._earlier_rows = rows
        self._open = ExitStack()

    @property
    def rows(self) -> dict[int, dict[str, Any]]:
        """Of `metrics.csv`, by epoch."""
        return self._table.rows

    def begin(self, trainer: pl.Trainer, settings: dict[str, Any], tells_trackers: bool) -> None:
        """Write `run.json`, log the settings, and print the folder.

        Args:
            trainer: Has the trackers.
            settings: Of the callback, as plain values.
            tells_trackers: Whether they are logged to the trackers.

        Raises:
            UserError: When nothing can be written there.
        """
        earlier = read_run(self._folder) or None
        self._folder.mkdir(parents=True, exist_ok=True)
        content = self._open.enter_context(recorded_run(self._folder, self._name, [], earlier))
        content["began"] = True
        if self._earlier_rows:
            self._table.restore(self._earlier_rows)
        for logger in trainer.loggers if tells_trackers else []:
            worker_of(logger).call("log_settings", partial(log_settings, logger, settings))
        rank_zero_info(f"Features: {self._folder}")

    def validated(self, state: TrainingState) -> None:
        """Add a row to `metrics.csv`."""
        found = {"val_acc": state.val_acc, "val_loss": state.val_loss, "train_loss": state.train_loss}
        if state.monitor is not None:
            found[state.monitor] = state.value
        metrics = {name: value for name, value in found.items() if value is not None}
        # The table counts from 1, as states do, what Lightning counts from 0.
        self._table.log_metrics({**metrics, "epoch": state.epoch - 1}, state.step - 1)

    def end(self, trainer: pl.Trainer, exception: BaseException | None, tells_trackers: bool, brief: bool) -> None:
        """Write `run.json` and the page, and log both to the trackers.

        Args:
            trainer: Has the trackers.
            exception: That ended the training; None: it is complete.
            tells_trackers: Whether results are logged to the trackers.
            brief: Whether there is no time for a page.
        """
        self._table.finalize("")
        try:
            self._open.__exit__(type(exception) if exception else None, exception, None)
        except OSError as failure:
            log_failure(log, f"{self._folder / 'run.json'} cannot be written, so it says that the run goes on", failure)
        except BaseException as error:
            if error is not exception:  # `recorded_run` raises the training's own error again
                raise
        if not brief:
            write_page(self._folder)
            if (page := self._folder / "report.html").is_file():
                rank_zero_info(f"Page: {page}")
        if tells_trackers:
            notify_end(trainer.loggers, self._folder)
