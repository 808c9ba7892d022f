"""Lightning's trainer from configuration, with its callbacks and loggers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.plugins import CheckpointIO
from omegaconf import DictConfig, ListConfig, OmegaConf
from pytorch_lightning.callbacks import ProgressBar
from pytorch_lightning.loggers import Logger
from pytorch_lightning.strategies.launchers import _MultiProcessingLauncher

from featevo.app.build import build
from featevo.app.checkpoints import Checkpoints, WholeFiles
from featevo.app.page_refresh import PageRefresh
from featevo.app.schemas import plain
from featevo.app.this_job import has_company, has_own_process, is_main_process, multirun_folder
from featevo.errors import UserError
from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.evolve.progress import EpochProgressBar
from featevo.evolve.sharding import check_strategy
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.reopening import reopened


def build_callbacks(
    cfg: DictConfig, folder: Path, table: MetricsTable, evolution: FeatureEvolutionCallback | None
) -> list[pl.Callback]:
    """Evolution with its page, checkpoints, progress, and what the configuration adds as `trainer.callbacks`."""
    added = [build(spec, "trainer.callbacks") for spec in _specs(cfg.trainer.callbacks, "trainer.callbacks")]
    for callback in added:
        if not isinstance(callback, pl.Callback | None):
            raise UserError(f"trainer.callbacks: {type(callback).__name__} is not a callback of pytorch_lightning's")
    own: list[pl.Callback | None] = [evolution, None if evolution is None else PageRefresh(folder)]
    if cfg.trainer.enable_checkpointing is not False:
        measured = cfg.trainer.limit_val_batches != 0
        monitor, mode = cfg.evolution.monitor if measured else None, plain(cfg)["evolution"]["mode"]
        own.append(Checkpoints(folder, table, monitor, mode))
    # Lightning takes one bar, and the user's goes before ours.
    if wants_progress(cfg) and not any(isinstance(callback, ProgressBar) for callback in added):
        own.append(EpochProgressBar())
    return [callback for callback in [*own, *added] if callback is not None]


def wants_progress(cfg: DictConfig) -> bool:
    """Whether to show progress bars: as configured, by default on a terminal."""
    configured = cfg.trainer.enable_progress_bar
    # Bars of jobs that run at once would overwrite each other.
    return sys.stdout.isatty() and not has_company() if configured is None else bool(configured)


def build_trainer(cfg: DictConfig, folder: Path, logger: Logger, callbacks: list[pl.Callback]) -> pl.Trainer:
    """Lightning's trainer with the configured arguments and one logger; trackers are added later.

    Raises:
        UserError: When Lightning refuses an argument, or for several devices that cannot be used.
    """
    has_bar = any(isinstance(callback, ProgressBar) for callback in callbacks)
    parts: dict[str, Any] = {
        "logger": [logger],
        "callbacks": callbacks,
        "default_root_dir": cfg.trainer.default_root_dir or folder,
        # Without a bar among the callbacks, Lightning would add its own.
        "enable_progress_bar": has_bar and cfg.trainer.enable_progress_bar is not False,
    }
    arguments = {
        name: build(value, f"trainer.{name}") if OmegaConf.is_config(value) else value
        for name, value in cfg.trainer.items()
        if name not in parts
    }
    given = arguments.get("plugins") or []
    plugins = given if isinstance(given, list) else [given]
    if not any(isinstance(plugin, CheckpointIO) for plugin in plugins):
        arguments["plugins"] = [*plugins, WholeFiles()]
    try:
        trainer = pl.Trainer(**arguments, **parts)
    except UserError:
        raise
    except Exception as error:  # of any type: every argument comes from the configuration
        raise UserError(f"trainer: {' '.join(str(error).split())}{_hint(cfg, str(error))}") from error
    if trainer.num_devices * trainer.num_nodes > 1:
        _check_processes(cfg, trainer)
    return trainer


def _check_processes(cfg: DictConfig, trainer: pl.Trainer) -> None:
    try:
        check_strategy(trainer)
    except ValueError as error:
        raise UserError(f"trainer.strategy: {error} or trainer.devices=1") from error
    launcher = trainer.strategy.launcher
    if isinstance(launcher, _MultiProcessingLauncher):
        given = f"trainer.strategy={cfg.trainer.strategy}"
        raise UserError(
            f"{given}: trackers do not work in processes that are started this way; use trainer.strategy=ddp"
        )
    # submitit's command, started for further processes, would run the job a second time.
    if launcher is not None and multirun_folder() is not None and not has_own_process():
        raise UserError(
            f"trainer.devices={cfg.trainer.devices}: with this launcher a job takes one device; "
            "use trainer.devices=1, or launcher=local or joblib"
        )


def _hint(cfg: DictConfig, message: str) -> str:
    absent = any(word in message for word in ("backend", "ccelerator", "gpu", "GPU"))
    named = cfg.trainer.accelerator not in ("auto", "cpu")
    return "; use trainer.accelerator=cpu or auto" if absent and named else ""


def build_trackers(cfg: DictConfig, folder: Path, earlier: Sequence[Any] | None = None) -> list[Logger]:
    """The loggers besides the metrics table: the logger group's tracker, and those of `trainer.logger`.

    A tracker's `name` that is null becomes the run's, in a multirun the name of the job's folder; `study` that is null
    becomes the multirun's folder. There are none for `trainer.logger=false` and in processes other than the main one.

    Args:
        cfg: The configuration.
        folder: The run folder.
        earlier: `trackers` in the `run.json` of the interrupted run that goes on; None: a new run.
    """
    if cfg.trainer.logger is False or not is_main_process():
        return []
    spec = cfg.logger.tracker
    arguments: dict[str, Any] = {"save_dir": folder}
    if spec is not None and "name" in spec and spec.name is None:
        arguments["name"] = cfg.name if multirun_folder() is None else folder.name
    if spec is not None and "study" in spec and spec.study is None:
        arguments["study"] = multirun_folder()
    added = [] if cfg.trainer.logger in (None, True) else _specs(cfg.trainer.logger, "trainer.logger")
    makers = [partial(build, spec, "logger.tracker", **arguments)] if spec is not None else []
    makers += [partial(build, each, "trainer.logger") for each in added]
    if earlier is None:
        built = [make() for make in makers]
    else:
        left = list(earlier)
        built = [reopened(make, str(make.args[0].get("_target_")), left) for make in makers]
    return [logger for logger in built if logger is not None]


def warnings_of(trainer: pl.Trainer) -> list[str]:
    """Warnings about a configuration without results, one line each."""
    if trainer.max_epochs == 0 or trainer.max_steps == 0:
        return ["Nothing is trained (trainer.max_epochs=0 or max_steps=0), so nothing can be measured or drawn"]
    if trainer.limit_val_batches == 0:
        return ["Nothing is validated (trainer.limit_val_batches=0), so no accuracy can be measured or improve"]
    return []


def _specs(node: Any, where: str) -> Sequence[Any]:
    if node is None:
        return []
    if isinstance(node, DictConfig):
        return [node]
    if not isinstance(node, ListConfig):
        raise UserError(f"{where}={node}: must be [{{_target_: CLASS, ARGUMENT: VALUE}}, ...]")
    return list(node)
