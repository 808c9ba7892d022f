"""Settings of the callback, for the trackers of other projects; a new tracker needs one function of `log_settings`."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from pytorch_lightning.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from featevo.tracking.packages import of_either

PREFIX = "featevo"
"""Under this name trackers show the settings, apart from the project's own."""


@singledispatch
def log_settings(logger: Logger, settings: dict[str, Any]) -> None:
    """Log plain settings to a tracker; by default do nothing. It runs in a thread of the tracker's own."""


@log_settings.register(of_either(WandbLogger))
def _(logger: WandbLogger, settings: dict[str, Any]) -> None:
    logger.experiment.config.update({PREFIX: settings}, allow_val_change=True)


@log_settings.register(of_either(TensorBoardLogger))
def _(logger: TensorBoardLogger, settings: dict[str, Any]) -> None:
    lines = "\n".join(f"- {name}: {value}" for name, value in settings.items())
    logger.experiment.add_text(PREFIX, lines, 0)


@log_settings.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        logger.experiment.log_param(logger.run_id, f"{PREFIX}.{name}", str(value)[:500], synchronous=True)
