"""The run of a tracker: how to find it again, and how to go on with it after an interruption.

`run.json` has an identity of each tracker. It may come from an unknown source: of an identity only a run's id, or a
version, is used, and only if it is a plain name. Servers and folders are the configuration's.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial, singledispatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pytorch_lightning.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger, WandbLogger

from featevo.errors import UserError
from featevo.record.files import replacing
from featevo.tracking.packages import of_either
from featevo.tracking.points import wandb_folder
from featevo.tracking.wandb_files import files_of, history, repair

WANDB = of_either(WandbLogger)

TARGETS = {
    "wandb_logger": ("wandb", "id", "id"),
    "WandbLogger": ("wandb", "id", "id"),
    "mlflow_logger": ("mlflow", "id", "run_id"),
    "MLFlowLogger": ("mlflow", "id", "run_id"),
    "TensorBoardLogger": ("tensorboard", "version", "version"),
    "CSVLogger": ("csv", "version", "version"),
}
"""By the last part of a `_target_`: kind of its identities, and which of their values is which argument of it."""

log = logging.getLogger(__name__)


@singledispatch
def identity(logger: object) -> dict[str, Any] | None:
    """What finds the run of a tracker again, the kind first; None where there is nothing to find."""
    return None


@identity.register(WANDB)
def _(logger: WandbLogger) -> dict[str, Any] | None:
    run = logger.experiment
    if run.disabled:
        return None
    url = None if run.offline else run.url
    return {"kind": "wandb", "id": run.id, "project": run.project, "entity": run.entity or None, "url": url}


@identity.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger) -> dict[str, Any]:
    uri = urlsplit(logger._tracking_uri or "")
    uri = uri._replace(netloc=uri.netloc.rpartition("@")[2])  # without a password
    return {"kind": "mlflow", "id": logger.run_id, "project": logger.experiment_id, "uri": urlunsplit(uri)}


@identity.register(of_either(TensorBoardLogger))
@identity.register(of_either(CSVLogger))
def _(logger: TensorBoardLogger | CSVLogger) -> dict[str, Any]:
    kind = "csv" if isinstance(logger, of_either(CSVLogger)) else "tensorboard"
    return {"kind": kind, "version": logger.version, "folder": str(logger.log_dir)}


def identities(loggers: Sequence[Logger]) -> list[dict[str, Any]]:
    """The identities of all loggers that have one, in their order."""
    found = []
    for logger in loggers:
        try:
            found.append(identity(logger))
        except Exception as error:  # of a tracker that does not answer
            log.warning("%s: its run cannot be named (%s)", type(logger).__name__, " ".join(str(error).split()))
    return [known for known in found if known is not None]


def of_wandb(trackers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Id, project and address of the first W&B run of `identities`, as `run.json` has them as `wandb`."""
    first = next((known for known in trackers if known["kind"] == "wandb"), None)
    return None if first is None else {name: first[name] for name in ("id", "project", "url")}


def reopened(make: Callable[..., Any], target: str, earlier: list[Any]) -> Any:
    """The logger of a run that goes on: with its earlier run, else with a new one, else None; with warnings.

    Args:
        make: Makes the logger, with arguments of `reopening`.
        target: The `_target_` of the logger.
        earlier: Identities of the interrupted run; the one that is used is removed.
    """
    for arguments, remedy in (
        (partial(reopening, target, earlier), "a new run begins"),
        (dict, "training goes on without"),
    ):
        try:
            logger = make(**arguments())
            reopen(logger)
            return logger
        except Exception as error:  # of any tracker
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            log.warning("%s: its run cannot be continued (%s); %s", target.rpartition(".")[2], reason, remedy)
    return None


def reopening(target: str, earlier: list[Any]) -> dict[str, Any]:
    """The arguments with which a logger goes on with its earlier run; none if it has no such run.

    Args:
        target: The `_target_` of the logger.
        earlier: Identities of the interrupted run; the one that is used is removed.

    Raises:
        UserError: The earlier run has an id or version that none can have.
    """
    kind, key, argument = TARGETS.get(target.rpartition(".")[2], (None, "", ""))
    known = next((each for each in earlier if isinstance(each, dict) and each.get("kind") == kind), None)
    if kind is None or known is None:
        return {}
    earlier.remove(known)
    value = known.get(key)
    plain = type(value) is int if key == "version" else False
    plain |= isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{0,128}", value) is not None
    if not plain or (key == "id" and not value):
        raise UserError(f"{key}={str(value)[:40]!r} in run.json is no {key} of {kind}")
    # Without an entry `url`, the parts of the run are on this machine alone, so the next part must be, too.
    offline = {"mode": "offline"} if target.endswith("wandb_logger") and not known.get("url") else {}
    return {argument: value, **offline}


@singledispatch
def reopen(logger: Logger) -> None:
    """Prepare a logger of an interrupted run so that it appends; by default, and for a new run, nothing is needed."""


@reopen.register(WANDB)
def _(logger: WandbLogger) -> None:
    run = logger.experiment
    if run.disabled or not run.offline:  # online, the server has all of it
        return
    folder = wandb_folder(run)
    for path in files_of(folder, run.id):
        if path.parent != Path(run.dir).parent:
            repair(path)
    # W&B's own step begins at 0 in each file; `wandb sync` of older versions then replaces earlier rows.
    steps = [step for step, _ in history(folder, run.id)]
    if steps:
        run.log({}, step=max(steps) + 1)


@reopen.register(of_either(MLFlowLogger))
def _(logger: MLFlowLogger) -> None:
    client, run_id = logger.experiment, logger.run_id
    assert run_id is not None
    run = client.get_run(run_id)
    if run.info.lifecycle_stage == "deleted":
        raise UserError(f"run {run_id} was deleted")
    client.update_run(run_id, status="RUNNING")
    if run.data.params:
        # MLflow refuses other values, such as of a larger trainer.max_epochs.
        logger.log_hyperparams = lambda *args, **kwargs: None  # type: ignore[method-assign]


@reopen.register(of_either(CSVLogger))
def _(logger: CSVLogger) -> None:
    """The logger would remove its earlier file, and not notice its last line cut off."""
    path = Path(logger.log_dir, "metrics.csv")
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    text = text[: text.rfind("\n") + 1]
    with replacing(path) as temporary, warnings.catch_warnings():
        temporary.write_text(text, encoding="utf-8", newline="")
        warnings.simplefilter("ignore")
        writer = logger.experiment
    writer.metrics_keys = next(csv.reader(io.StringIO(text)), [])
