"""MLflow: a run on a server or, without one, in files beside the record."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

from pytorch_lightning.loggers import MLFlowLogger
from pytorch_lightning.loggers.mlflow import _MLFLOW_AVAILABLE

from featevo.errors import UserError

log = logging.getLogger(__name__)


def mlflow_logger(
    save_dir: Path,
    experiment_name: str,
    tracking_uri: str | None,
    name: str,
    tags: dict[str, str],
    study: Path | None = None,
    run_id: str | None = None,
) -> MLFlowLogger:
    """A logger whose run is open.

    Args:
        save_dir: The run folder; without a server MLflow's files go into its `mlruns/`, or into the multirun's.
        experiment_name: MLflow experiment.
        tracking_uri: Address of a server; None: `MLFLOW_TRACKING_URI`, or files.
        name: Shown name of the run.
        tags: For filtering.
        study: Folder of the multirun of the run; None: a single run.
        run_id: Of an interrupted run that goes on; None: a new run.

    Raises:
        UserError: MLflow is not installed, or cannot open a run.
    """
    if not _MLFLOW_AVAILABLE:
        raise UserError("logger=mlflow: MLflow is not installed; pip install 'featevo[mlflow]'")
    folder = study or save_dir
    folder.mkdir(parents=True, exist_ok=True)
    uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or (folder / "mlruns").resolve().as_uri()
    if uri.startswith("file:"):
        # MLflow prefers a database, but has a driver for it only if all of MLflow is installed.
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.exceptions import MlflowException

    try:
        with (folder / ".mlflow").open("w") as lock:
            # Jobs that start together would each create an experiment.
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                log.info("MLflow: %s cannot be locked (%s); going on without", folder, error.strerror)
            logger = MLFlowLogger(experiment_name, name, uri, dict(tags), run_id=run_id)
            logger.experiment  # noqa: B018 - reading it opens the run
    except MlflowException as error:
        message = " ".join(str(error).split())
        hint = "use another logger.tracker.tracking_uri or logger=none"
        raise UserError(f"MLflow cannot open a run at {uri} ({message}); {hint}") from error
    return logger
