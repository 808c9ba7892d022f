"""`metrics.csv`: every scalar that is logged, one row per epoch, as a Lightning logger."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from featevo.record.files import write_text


class MetricsTable(Logger):
    """Keeps the table of a run folder in memory and writes the whole file at each change, atomically.

    As the first of a trainer's loggers it gets every number before any tracker. Epochs count completed passes, from 1.
    A quantity that is logged several times in an epoch keeps its last value.
    """

    name = "metrics"
    version = ""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "metrics.csv"
        self.rows: dict[int, dict[str, Any]] = {}
        self.waiting: dict[str, float] = {}

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

    def _write(self) -> None:
        columns = ["epoch", "step", *sorted({key for row in self.rows.values() for key in row} - {"epoch", "step"})]
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows[epoch] for epoch in sorted(self.rows))
        write_text(self.path, text.getvalue())
