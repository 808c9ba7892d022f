"""One snapshot: draw every class through the module as it is now, and put it on record."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from featevo.evolve.isolation import isolated
from featevo.evolve.moment import Moment
from featevo.evolve.progress import drawing_progress
from featevo.evolve.provenance import config_hash, versions, weights_hash
from featevo.evolve.record import Record, Snapshot
from featevo.visualize import ClassLogit, Regularizer, Render, maximize

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawing:
    """Everything about a snapshot but the moment and the weights.

    Attributes:
        names: Class names, by unit; all are drawn.
        settings: Keyword arguments of `featevo.visualize.maximize`.
        regularizer: What keeps renders from becoming noise.
        save_weights: Keep the weights of each snapshot.
        raises: Whether a failing render stops training.
        config: Plain configuration whose hash is recorded with each picture.
    """

    names: tuple[str, ...]
    settings: dict[str, Any]
    regularizer: Regularizer
    save_weights: bool
    raises: bool
    config: dict[str, Any] | None

    def snapshot(
        self, trainer: pl.Trainer, module: pl.LightningModule, record: Record, moment: Moment
    ) -> Snapshot | None:
        """Draw and record.

        What fails is logged and recorded, unless it is to be raised; None where not even that could be written.
        """
        began = time.perf_counter()
        with isolated():
            try:
                return self._attempt(trainer, module, record, moment, began)
            except Exception as failure:
                if self.raises:
                    raise
                log.exception("Drawing epoch %d failed; training goes on", moment.epoch)
                error = " ".join(f"{type(failure).__name__}: {failure}".split())
            try:
                return record.write(moment, [], {}, time.perf_counter() - began, error=error)
            except OSError:
                log.exception("The record of epoch %d cannot be written; training goes on", moment.epoch)
                return None

    def _attempt(
        self, trainer: pl.Trainer, module: pl.LightningModule, record: Record, moment: Moment, began: float
    ) -> Snapshot:
        renders = self._draw(trainer, module)
        state = tensors(module)
        return record.write(
            moment,
            renders,
            provenance=self._provenance(state, module),
            seconds=time.perf_counter() - began,
            weights=state if self.save_weights else None,
        )

    def _draw(self, trainer: pl.Trainer, module: pl.LightningModule) -> list[Render]:
        count = len(self.names)
        chunks = -(-count // (self.settings["chunk_size"] or count))
        with drawing_progress(trainer, chunks * self.settings["steps"], f"Drawing {count} classes") as on_step:
            objective = ClassLogit(range(count))
            return maximize(module, objective, regularizer=self.regularizer, on_step=on_step, **self.settings)

    def _provenance(self, state: dict[str, Tensor], module: pl.LightningModule) -> dict[str, Any]:
        parameter = next(module.parameters())
        return {
            "objective": "class logit",
            **self.settings,
            "classes": len(self.names),
            "regularizer": {name: repr(operator) for name, operator in self.regularizer.operators.items()},
            "weights": weights_hash(state),
            "config": None if self.config is None else config_hash(self.config),
            "device": parameter.device.type,
            "dtype": str(parameter.dtype).removeprefix("torch."),
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }


def tensors(module: pl.LightningModule) -> dict[str, Tensor]:
    """The module's state without what is no tensor (yet): extra state, and lazy parameters before their first use."""
    return {
        name: value for name, value in module.state_dict().items() if isinstance(value, Tensor) and not is_lazy(value)
    }
