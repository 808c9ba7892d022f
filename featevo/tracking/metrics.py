"""`metrics.csv`: every scalar that is logged, one row per epoch, as a Lightning logger like any other."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from featevo.record.files import write_text


class MetricsTable(Logger):
    """Keeps the table in memory and writes the whole file at each change, atomically.

    Put first among a trainer's loggers it hears of every number before any tracker does. Epochs count completed passes,
    from 1. A quantity logged several times in an epoch keeps its last value.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "metrics.csv"
        self.rows: dict[int, dict[str, Any]] = {}
        self.waiting: dict[str, float] = {}

    @property
    def name(self) -> str:
        """Lightning asks every logger."""
        return "metrics"

    @property
    def version(self) -> str:
        """Lightning asks every logger."""
        return ""

    @rank_zero_only
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the configuration is in `.hydra/`."""

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Take in scalars under the epoch and step they carry; Lightning counts both from 0, the table from 1.

        Those without an epoch, such as a learning rate at its start, belong to the epoch that is named next.
        """
        if "epoch" not in metrics or step is None:
            self.waiting.update(metrics)
            return
        metrics, self.waiting = {**self.waiting, **metrics}, {}
        epoch = int(metrics["epoch"]) + 1
        row = self.rows.setdefault(epoch, {"epoch": epoch})
        row.update({key: value for key, value in metrics.items() if key != "epoch"}, step=step + 1)
        columns = ["epoch", "step", *sorted({key for row in self.rows.values() for key in row} - {"epoch", "step"})]
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows[epoch] for epoch in sorted(self.rows))
        write_text(self.path, text.getvalue())
