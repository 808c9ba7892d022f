"""Weights & Biases: choose once whether it is online, open one run, close it with the right exit code."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import wandb
from pytorch_lightning.loggers import WandbLogger

from featevo.errors import UserError
from featevo.tracking import unset_empty_mode
from featevo.tracking.final_values import final_values
from featevo.tracking.worker import PATIENCE

MODES = ("auto", "online", "offline")

INTERRUPTED = 255
"""Exit code that W&B itself gives to a run that was stopped by Ctrl+C; it shows the run as killed."""

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
    id: str | None = None,
) -> WandbLogger:
    """A logger whose run is open.

    Args:
        save_dir: The run folder; W&B's files go into its `wandb/`, or into the multirun's.
        project: W&B project.
        entity: W&B user or team, None: the key's default.
        mode: "online", "offline", or "auto": as `WANDB_MODE`, else online if there is a valid key.
        name: Shown name of the run.
        group: Name of a group of runs; None in a multirun: the name of its folder.
        job_type: Kind of run within a group.
        tags: For filtering.
        study: Folder of the multirun of the run; None: a single run.
        id: Of an interrupted run that goes on; None: a new run. Offline it goes on in a new folder of the same id,
            which `wandb sync` appends to the first.

    Raises:
        UserError: The mode is unknown, or W&B cannot open a run that must be online.
    """
    mode = resolved_mode(mode)
    problem = None if mode == "disabled" else _problem(study or save_dir)
    if problem:
        mode = "disabled"
    if group is None and study is not None:
        group = study.name
    # Not opened by the logger, which would set WANDB_MODE for this process and every later run.
    try:
        run = _open(
            save_dir,
            study,
            project=project,
            entity=entity,
            mode=mode,
            name=name,
            group=group,
            job_type=job_type,
            tags=list(tags),
            **({} if id is None else {"id": id, "resume": "allow"}),
        )
    except (wandb.errors.CommError, wandb.errors.UsageError) as error:
        raise UserError(f"W&B cannot open a run ({error}); use logger.tracker.mode=offline or logger=none") from error
    # The x-axis that WandbLogger sets in the runs it opens.
    run.define_metric("trainer/global_step")
    run.define_metric("*", step_metric="trainer/global_step", step_sync=True)
    if mode == "offline":
        log.info("W&B: offline; to upload: wandb sync %s", Path(run.dir).parent)
    elif problem:
        log.warning("W&B: not used, because %s; the record has everything", problem)
    else:
        log.info("W&B: %s", run.url if mode == "online" else mode)
    return WandbLogger(experiment=run)


def _open(folder: Path, study: Path | None, **arguments: Any) -> wandb.Run:
    settings = wandb.Settings(silent=True)  # featevo logs what W&B would print
    if hasattr(settings, "finish_timeout"):  # not in older versions: `finish` gives up on a server that hangs
        settings.finish_timeout = PATIENCE
    # One folder for all jobs of a multirun, so that `wandb leet` and `wandb sync` find them. It is absolute, as W&B's
    # own process may have been started in another working directory. The new run must not continue one that an earlier
    # job left open.
    place = (study or folder).absolute()
    return wandb.init(dir=place, reinit="finish_previous", settings=settings, **arguments)


def _problem(folder: Path) -> str | None:
    """Why W&B cannot write its files in a folder, None where it can."""
    place = folder / "wandb"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{place} cannot be made a folder ({error.strerror})"
    return None if os.access(place, os.W_OK | os.X_OK) else f"nothing can be written in {place}"


def finish(exit_code: int, patience: float | None = None) -> None:
    """Close the open run, if there is one.

    Args:
        exit_code: 0: finished; `INTERRUPTED`; any other number: failed.
        patience: Seconds after which to go on without W&B's answer; None: as long as W&B itself waits.
    """
    if wandb.run is None:
        return
    folder, errors = wandb.run.dir, list[Exception]()

    def close() -> None:
        try:
            wandb.finish(exit_code=exit_code)
        except Exception as error:
            errors.append(error)

    closing = threading.Thread(target=close, name="featevo-wandb-finish", daemon=True)
    closing.start()
    closing.join(patience)
    if closing.is_alive():
        log.warning("W&B does not answer; the record has everything, and W&B's own files are in %s", folder)
    elif errors:
        log.error("W&B: the run cannot be closed; the record has everything", exc_info=errors[0])


def mark_failed(folder: Path, known: dict[str, str | None], study: Path | None = None) -> None:
    """Close the run of a killed process as failed; a run that cannot be reached stays as it is.

    Args:
        folder: The run folder.
        known: Its identity, as in `run.json`.
        study: Folder of the multirun of the run; None: a single run.
    """
    unset_empty_mode()
    try:
        run = _open(
            folder,
            study,
            id=known["id"],
            project=known["project"],
            # The killed process may not have written these.
            name=folder.name,
            group=None if study is None else study.name,
            mode="online" if known.get("url") else "offline",
            resume="allow",
        )
        run.summary.update(final_values(folder))
        run.finish(exit_code=1)
    except (wandb.errors.Error, OSError, UserError) as error:
        log.warning("W&B: the run cannot be marked as failed (%s)", error)


def resolved_mode(mode: str) -> Literal["online", "offline", "disabled"]:
    """Whether W&B is used online, offline or not, by one of `MODES`.

    Raises:
        UserError: For any other mode.
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
