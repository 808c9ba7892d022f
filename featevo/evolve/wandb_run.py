"""Weights & Biases: decide once whether it is online, open one run, close it with the right exit code."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import wandb
from pytorch_lightning.loggers import WandbLogger

from featevo.errors import UserError
from featevo.job import multirun_folder

MODES = ("auto", "online", "offline")

log = logging.getLogger(__name__)


def wandb_logger(
    save_dir: Path,
    project: str,
    entity: str | None,
    mode: str,
    name: str,
    group: str | None,
    job_type: str | None,
    tags: Sequence[str],
) -> WandbLogger:
    """A logger whose run is open, with an id of its own.

    Args:
        save_dir: The run folder; W&B's files go into its `wandb/`.
        project: W&B project.
        entity: W&B user or team, None: the key's default.
        mode: "online", "offline", or "auto", which asks `WANDB_MODE` and then whether there is a valid key.
        name: Shown name of the run.
        group: Runs that belong together; None in a multirun: the name of its folder.
        job_type: Kind of run within a group.
        tags: For filtering.

    Raises:
        UserError: For an unknown mode, or when W&B cannot open a run that must be online.
    """
    mode = _resolved(mode)
    if group is None and (study := multirun_folder()) is not None:
        group = study.name
    # Opened here rather than by the logger, which would set WANDB_MODE for this process and every run that follows.
    try:
        run = wandb.init(
            dir=save_dir,
            project=project,
            entity=entity,
            mode=mode,
            name=name,
            group=group,
            job_type=job_type,
            tags=list(tags),
            # A run that an earlier job left open must not swallow this one; featevo says itself what W&B would print.
            reinit="finish_previous",
            settings=wandb.Settings(silent=True),
        )
    except (wandb.errors.CommError, wandb.errors.UsageError) as error:
        raise UserError(f"W&B cannot open a run ({error}); use logger.tracker.mode=offline or logger=none") from error
    # The axis that WandbLogger gives the runs it opens itself.
    run.define_metric("trainer/global_step")
    run.define_metric("*", step_metric="trainer/global_step", step_sync=True)
    if mode == "offline":
        log.info("W&B: offline; to upload: wandb sync %s", Path(run.dir).parent)
    else:
        log.info("W&B: %s", run.url if mode == "online" else mode)
    return WandbLogger(experiment=run)


def identity(logger: object) -> dict[str, str | None] | None:
    """How to find the run again; None for other loggers and where W&B is disabled."""
    if not isinstance(logger, WandbLogger) or logger.experiment.disabled:
        return None
    run = logger.experiment
    return {"id": run.id, "project": run.project, "url": None if run.offline else run.url}


def finish(exit_code: int) -> None:
    """Close the open run, if there is one, as finished (0) or failed (any other number)."""
    if wandb.run is not None:
        wandb.finish(exit_code=exit_code)


def _resolved(mode: str) -> Literal["online", "offline", "disabled"]:
    if mode not in MODES:
        raise UserError(f"logger.tracker.mode={mode}: there are {', '.join(MODES)}")
    if mode == "auto":
        mode = os.environ.get("WANDB_MODE", "auto")
    if mode == "auto":
        try:
            mode = "online" if wandb.login(prompt=False) else "offline"
        except (wandb.errors.Error, OSError) as error:
            log.warning("W&B's key cannot be checked (%s)", error)
    if mode == "online":
        return "online"
    return "disabled" if mode == "disabled" else "offline"
