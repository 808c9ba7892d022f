"""One snapshot: draw every class through the module as it is now, and put it on record."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from featevo.evolve.isolation import isolated
from featevo.evolve.moment import Moment
from featevo.evolve.progress import drawing_progress
from featevo.evolve.settings import LAST, OBJECTIVES
from featevo.evolve.sharding import draw_sharded, on_main, shared
from featevo.measure.controls import images
from featevo.measure.measuring import Measured, Measuring
from featevo.record.images import last_pictures
from featevo.record.provenance import config_hash, versions
from featevo.record.store import Record, Snapshot
from featevo.visualize import Render, maximize
from featevo.visualize.network import tensors
from featevo.visualize.parameterizations.start import Start
from featevo.visualize.render import REMEDY

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawing:
    """Everything about a snapshot but the moment and the weights.

    Attributes:
        names: Class names, by unit; all are drawn.
        objective: A name in `OBJECTIVES`.
        start: "noise", "mean", or "last": the pictures of the snapshot before, where there is one.
        settings: All other keyword arguments of `featevo.visualize.maximize`.
        save_weights: Keep the weights of each snapshot.
        raises: Whether a failing render stops training.
        config: Plain configuration whose hash is recorded with each picture.
        measuring: Asks measures about each snapshot; None: nothing is measured.
    """

    names: tuple[str, ...]
    objective: str
    start: str
    settings: dict[str, Any]
    save_weights: bool
    raises: bool
    config: dict[str, Any] | None
    measuring: Measuring | None = None

    def begin(self, module: pl.LightningModule, record: Record) -> None:
        """Prepare what is measured, with the weights that training starts from."""
        if self.measuring is None:
            return
        size, channels = self.settings["image_size"], self.settings["channels"]
        with isolated():
            try:
                self.measuring.begin(module, size, channels, record.refused())
            except Exception as failure:
                if self.raises:
                    raise
                log.exception("Measuring cannot begin; training goes on without measures")
                self.measuring.give_up(" ".join(f"{type(failure).__name__}: {failure}".split()))

    def snapshot(
        self, trainer: pl.Trainer, module: pl.LightningModule, record: Record, moment: Moment
    ) -> Snapshot | None:
        """Draw on all ranks and record on rank 0; every rank calls this.

        What fails is logged and recorded, unless it is to be raised; None where not even that could be written, and on
        ranks other than 0.
        """
        began = time.perf_counter()
        with isolated():
            try:
                return self._attempt(trainer, module, record, moment, began)
            except Exception as failure:  # the same on all ranks
                if self.raises:
                    raise
                if not trainer.is_global_zero:
                    return None
                log.exception("Drawing epoch %d failed; training goes on", moment.epoch)
                error = " ".join(f"{type(failure).__name__}: {failure}".split())
            try:
                return record.write(moment, [], {}, time.perf_counter() - began, error=error)
            except OSError:
                log.exception("The record of epoch %d cannot be written; training goes on", moment.epoch)
                return None

    def _attempt(
        self, trainer: pl.Trainer, module: pl.LightningModule, record: Record, moment: Moment, began: float
    ) -> Snapshot | None:
        renders = self._draw(trainer, module, record)

        def write() -> Snapshot:
            for dead in (render for render in renders if render.stopped == "zero gradient"):
                name = self.names[dead.unit]
                log.warning("%s: no gradient reaches it, so its picture is the start (%s)", name, REMEDY)
            seconds = time.perf_counter() - began
            return record.write(
                moment,
                renders,
                provenance=self._provenance(trainer, renders[0]),
                seconds=seconds,
                measured=self.measured(module, images(renders), record.folder),
                weights=tensors(module) if self.save_weights else None,
            )

        return on_main(trainer, write)

    def measured(self, module: nn.Module | None, pictures: Tensor, folder: Path) -> Measured:
        """What the measures say of a snapshot's pictures (K, C, H, W); what fails is logged, unless it is to be raised.

        Args:
            module: That drew them; None where it is not at hand.
            pictures: One per class, in 0..1.
            folder: The run folder.
        """
        if self.measuring is None:
            return Measured()

        def draw(model: nn.Module, seed: int) -> list[Render]:
            objective = OBJECTIVES[self.objective](range(len(self.names)))
            start: Start = "noise" if self.start == LAST else self.start
            return maximize(model, objective, start=start, **{**self.settings, "seed": seed})

        try:
            return self.measuring.snapshot(module, pictures, self.settings, draw, folder)
        except Exception as failure:  # the pictures are worth more than what is said about them
            if self.raises:
                raise
            log.exception("Measuring failed; the pictures are recorded, training goes on")
            return Measured(provenance={"error": " ".join(f"{type(failure).__name__}: {failure}".split())})

    def _provenance(self, trainer: pl.Trainer, render: Render) -> dict[str, Any]:
        return {
            **render.settings,
            "weights": render.weights,
            "classes": len(self.names),
            "ranks": trainer.world_size,
            "config": None if self.config is None else config_hash(self.config),
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }

    def _draw(self, trainer: pl.Trainer, module: pl.LightningModule, record: Record) -> list[Render]:
        count = len(self.names)
        before = None
        if self.start == LAST:
            # Read on rank 0, whose disk has them.
            before = shared(trainer, on_main(trainer, lambda: last_pictures(record.folder, count)))

        def draw(units: range) -> list[Render]:
            start: Start = "noise" if self.start == LAST else self.start
            if before is not None:
                start = before[list(units)]
            total = len(units) * self.settings["steps"]
            with drawing_progress(trainer, total, f"Drawing {count} classes") as progress:
                objective = OBJECTIVES[self.objective](units)
                return maximize(
                    module, objective, start=start, on_step=lambda done, total: progress(done), **self.settings
                )

        return draw_sharded(trainer, module, count, draw)
