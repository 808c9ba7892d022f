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
from featevo.tracking.packages import of_either
from featevo.tracking.summary import summarise
from featevo.tracking.worker import PATIENCE

WANDB = of_either(WandbLogger)

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
    study: Path | None = None,
) -> WandbLogger:
    """A logger whose run is open, with an id of its own.

    Args:
        save_dir: The run folder; W&B's files go into its `wandb/`, those of a multirun into its folder's.
        project: W&B project.
        entity: W&B user or team, None: the key's default.
        mode: "online", "offline", or "auto", which asks `WANDB_MODE` and then whether there is a valid key.
        name: Shown name of the run.
        group: Runs that belong together; None in a multirun: the name of its folder.
        job_type: Kind of run within a group.
        tags: For filtering.
        study: Folder of the multirun that the run belongs to; None: of none.

    Raises:
        UserError: For an unknown mode, or when W&B cannot open a run that must be online.
    """
    mode = resolved_mode(mode)
    if group is None and study is not None:
        group = study.name
    # Opened here rather than by the logger, which would set WANDB_MODE for this process and every run that follows.
    try:
        run = wandb.init(
            dir=wandb_folder(save_dir, study),
            project=project,
            entity=entity,
            mode=mode,
            name=name,
            group=group,
            job_type=job_type,
            tags=list(tags),
            # A run that an earlier job left open must not swallow this one; featevo says itself what W&B would print.
            reinit="finish_previous",
            settings=_settings(),
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
    if not isinstance(logger, WANDB) or logger.experiment.disabled:
        return None
    run = logger.experiment
    return {"id": run.id, "project": run.project, "url": None if run.offline else run.url}


def finish(exit_code: int) -> None:
    """Close the open run, if there is one, as finished (0) or failed (any other number)."""
    try:
        if wandb.run is not None:
            wandb.finish(exit_code=exit_code)
    except Exception:
        log.exception("W&B: the run cannot be closed; the record has everything")


def mark_failed(folder: Path, known: dict[str, str | None], study: Path | None = None) -> None:
    """Close a run as failed whose process could not: it was killed. What cannot be reached is left as it is.

    Args:
        folder: The run folder.
        known: As `identity` gave it.
        study: Folder of the multirun that the run belongs to; None: of none.
    """
    unset_empty_mode()
    try:
        run = wandb.init(
            id=known["id"],
            project=known["project"],
            # What the killed process may not have written any more.
            name=folder.name,
            group=None if study is None else study.name,
            dir=wandb_folder(folder, study),
            mode="online" if known.get("url") else "offline",
            resume="allow",
            reinit="finish_previous",
            settings=_settings(),
        )
        summarise(run, folder)
        run.finish(exit_code=1)
    except (wandb.errors.Error, OSError, UserError) as error:
        log.warning("W&B: the run cannot be marked as failed (%s)", error)


def unset_empty_mode() -> None:
    """An empty `WANDB_MODE` counts as not set; W&B itself refuses it."""
    if os.environ.get("WANDB_MODE") == "":
        del os.environ["WANDB_MODE"]


def _settings() -> wandb.Settings:
    """Silent, and `finish` gives up on a server that does not answer, where this W&B can."""
    settings = wandb.Settings(silent=True)
    if hasattr(settings, "finish_timeout"):
        settings.finish_timeout = PATIENCE
    return settings


def wandb_folder(folder: Path, study: Path | None) -> Path:
    """Where W&B's files go: one place for all jobs of a multirun, so that `wandb leet` and `wandb sync` see them."""
    # Absolute: W&B's own process may have been started in another working directory.
    return (study or folder).absolute()


def resolved_mode(mode: str) -> Literal["online", "offline", "disabled"]:
    """Whether W&B is used online, offline or not.

    Args:
        mode: A name in `MODES`.

    Raises:
        UserError: For any other.
    """
    if mode not in MODES:
        raise UserError(f"logger.tracker.mode={mode}: there are {', '.join(MODES)}")
    unset_empty_mode()
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
