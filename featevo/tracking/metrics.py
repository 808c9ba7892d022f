"""`metrics.csv`: every scalar that is logged, one row per epoch, as a Lightning logger."""

from __future__ import annotations

import csv
import io
import logging
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from featevo.record.files import log_failure, write_text

log = logging.getLogger(__name__)


class MetricsTable(Logger):
    """Keeps the table of a run folder in memory and writes the whole file at each change, atomically.

    As the first of a trainer's loggers it gets every number before any tracker. Epochs count completed passes, from 1.
    A quantity that is logged several times in an epoch keeps its last value. If the file cannot be written, as on
    a full disk, this is logged; the next change writes all rows.
    """

    name = "metrics"
    version = ""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "metrics.csv"
        self.rows: dict[int, dict[str, Any]] = {}
        self.waiting: dict[str, float] = {}
        self.failed = False  # to write the last change

    @rank_zero_only
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the configuration is in `.hydra/`."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Add scalars to the row of their epoch; Lightning counts epochs and steps from 0, the table from 1.

        Scalars without an epoch, such as a learning rate at its start, go to the epoch of the next call that has one.
        """
        if "epoch" not in metrics or step is None:
            self.waiting.update(metrics)
            return
        metrics, self.waiting = {**self.waiting, **metrics}, {}
        epoch = int(metrics["epoch"]) + 1
        row = self.rows.setdefault(epoch, {"epoch": epoch})
        row.update({key: value for key, value in metrics.items() if key != "epoch"}, step=step + 1)
        self._write()

    @rank_zero_only
    def restore(self, rows: dict[int, dict[str, Any]]) -> None:
        """Take the place of all rows, those of a checkpoint; later ones in the file are removed."""
        self.rows = {epoch: dict(row) for epoch, row in rows.items()}
        self._write()

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Try once more to write what could not be written."""
        if self.failed:
            self._write()

    def _write(self) -> None:
        columns = ["epoch", "step", *sorted({key for row in self.rows.values() for key in row} - {"epoch", "step"})]
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows[epoch] for epoch in sorted(self.rows))
        try:
            write_text(self.path, text.getvalue())
            self.failed = False
        except OSError as error:
            if not self.failed:
                log_failure(log, f"{self.path} cannot be written; training goes on, later rows come with these", error)
            self.failed = True
