"""Checkpoints of a run: `best.ckpt` of the best validation, and `last.ckpt`, from which the run can be resumed."""

from __future__ import annotations

import logging
import random
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.io.torch_io import TorchCheckpointIO
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.trainer.states import TrainerFn

from featevo.errors import UserError
from featevo.evolve.sharding import TrainerRanks
from featevo.evolve.training_state import logged_step
from featevo.evolve.trigger import Trigger
from featevo.record.files import log_failure, replacing
from featevo.record.schema import BEST, CHECKPOINTS, LAST
from featevo.tracking.catch_up import catch_up
from featevo.tracking.metrics import MetricsTable

log = logging.getLogger(__name__)


class WholeFiles(TorchCheckpointIO):
    """Writes each checkpoint completely or not at all, on any file system; reads it without running any code.

    Lightning writes in the folder for temporary files and copies from there, so that an interruption of the copy leaves
    a part of the file. A checkpoint that cannot be written is logged once; the file of an earlier one stays.
    """

    def __init__(self) -> None:
        self._failed: set[str] = set()

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint, except Lightning's own before Slurm requeues a job.

        That one would be of the middle of an epoch, where the order of the images cannot be continued.
        """
        if Path(path).name.startswith("hpc_ckpt_"):
            return
        try:
            # Written to a file object: torch puts a file's name into its content, and the temporary name varies.
            with replacing(Path(path)) as temporary, temporary.open("wb") as file:
                torch.save(checkpoint, file)
            self._failed.discard(str(path))
        except (OSError, RuntimeError) as error:  # torch has its own error for a full disk
            interruption = interrupted_by(error)
            if interruption is not None:
                raise interruption from None
            if str(path) not in self._failed:
                reason = error if isinstance(error, OSError) else OSError(str(error))
                log_failure(log, f"{path} cannot be written; training goes on without this checkpoint", reason)
            self._failed.add(str(path))

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Read a checkpoint to the CPU.

        Raises:
            UserError: It is damaged, or has more than weights and plain values.
        """
        try:
            content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError, UnpicklingError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"{path} cannot be read as a checkpoint ({reason})") from error
        return content


class Checkpoints(Checkpoint):
    """Saves the state of training: `best.ckpt` at each best validation, `last.ckpt` at the end of each epoch.

    `last.ckpt` also has the metrics table and the state of the global random generators, so that a resumed run equals
    one without interruption. (Lightning's ModelCheckpoint numbers its files anew in a folder that was moved, and saves
    before the epoch's training metrics are logged.)

    Args:
        folder: The run folder.
        table: Gets the metrics of an epoch before its checkpoint is saved.
        monitor: Name of the metric that decides what is best; None: `best.ckpt` is not written.
        mode: Whether "max" or "min" of it is better.
    """

    def __init__(self, folder: Path, table: MetricsTable, monitor: str | None, mode: str) -> None:
        self.folder = folder / CHECKPOINTS
        self._table, self._monitor = table, monitor
        self._best = Trigger(mode=mode)
        self._generators: list[dict[str, Any]] = []
        self._is_resumed = False

    @property
    def best_model_path(self) -> str:
        """Where Lightning finds the best checkpoint, for `ckpt_path="best"`; empty before the first."""
        return "" if self._best.best is None else str(self.folder / BEST)

    def state_dict(self) -> dict[str, Any]:
        """The best value, the metrics table, and the random generators of each rank at the end of the epoch."""
        return {**self._best.state_dict(), "rows": self._table.rows, "generators": self._generators}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume: restore all of it; the generators in `on_train_start`."""
        self._is_resumed = True
        self._best.load_state_dict(state_dict)
        self._table.restore(state_dict["rows"])
        self._generators = state_dict["generators"]

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give trackers what they lack of a resumed run's record, which other callbacks have cut back by now."""
        if self._is_resumed:
            catch_up(trainer.loggers, self.folder.parent)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore the random generators: loading and preparing before this may have used them."""
        if trainer.global_rank < len(self._generators):
            restore_generators(self._generators[trainer.global_rank])

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save `best.ckpt` if the validation is the best so far."""
        if self._monitor is None or trainer.state.fn != TrainerFn.FITTING or trainer.sanity_checking:
            return
        metric = trainer.callback_metrics.get(self._monitor)
        value = None if metric is None else float(metric)
        if TrainerRanks(trainer).shared(self._best.fires(trainer.current_epoch + 1, value)):
            self._save(trainer, BEST)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Complete the epoch's row of the table, which Lightning logs only later, and save `last.ckpt`."""
        metrics = {name: float(value) for name, value in trainer.logged_metrics.items()}
        self._table.log_metrics({**metrics, "epoch": trainer.current_epoch}, logged_step(trainer) - 1)
        self._generators = TrainerRanks(trainer).gathered(generators)
        self._save(trainer, LAST)

    def _save(self, trainer: pl.Trainer, name: str) -> None:
        if not trainer.fast_dev_run:  # type: ignore[attr-defined]
            trainer.save_checkpoint(self.folder / name)


def interrupted_by(error: BaseException | None) -> BaseException | None:
    """The Ctrl+C or SIGTERM during which an error was raised; None if there was none.

    An exception of a signal within `torch.save` leaves the file incomplete, and torch raises its own error over it.
    Taken for that of a full disk, it would let training go on.
    """
    while isinstance(error, Exception):
        error = error.__context__
    return error


def generators() -> dict[str, Any]:
    """The states of the global random generators, as types that checkpoints can be loaded with safely."""
    kind, keys, *rest = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],
        "numpy": [str(kind), torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest],
        "python": random.getstate(),
    }


def restore_generators(states: dict[str, Any]) -> None:
    """Restore what `generators` returned."""
    torch.set_rng_state(states["torch"])
    if states["cuda"] and len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(states["cuda"])
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    random.setstate(states["python"])
