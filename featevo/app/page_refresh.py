"""`report.html` while training goes on, in the main process; see `featevo.page.refresh`."""

from __future__ import annotations

from pathlib import Path

import pytorch_lightning as pl

from featevo.page.refresh import Refresh


class PageRefresh(pl.Callback):
    """Stands behind the callback that takes the snapshots. The end of the run writes the page in any case.

    Args:
        folder: Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._refresh = Refresh(folder)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write it if a snapshot was taken before training."""
        if trainer.is_global_zero:
            self._refresh()

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write it if this validation led to a snapshot, or the last one was too soon after the page before."""
        if trainer.is_global_zero and not trainer.sanity_checking:
            self._refresh()
