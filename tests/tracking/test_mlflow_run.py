"""MLflow gets its own run with the recorded images; each error is one line."""

import errno
import fcntl
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from PIL import Image

from featevo.errors import UserError
from featevo.tracking import mlflow_run
from featevo.tracking.mlflow_run import mlflow_logger
from featevo.tracking.trackers import drain, guarded, notify, notify_end
from tests.tracking.parts import MEASURES, NAMES, made, snapshot_of


@pytest.mark.parametrize("channels", [3, 1])
def test_mlflow_shows_images_and_measures(tmp_path, monkeypatch, channels):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    place = tmp_path / "a place"
    logger = guarded(made("mlflow", place))
    logger.log_hyperparams({"data": {"num_classes": 3}})
    snapshot = snapshot_of(place, NAMES, channels, MEASURES)
    notify([logger], snapshot, 19)
    (place / "report.html").write_text("the page")
    (place / "metrics.csv").write_text("epoch,val_acc\n1,0.5\n2,0.95\n")
    notify_end([logger], place)
    logger.finalize("success")
    drain([logger])
    client = MlflowClient((place / "mlruns").as_uri())
    experiment = client.get_experiment_by_name("featevo")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == ("scenes-random", "FINISHED")
    assert run.data.params == {"data/num_classes": "3"}
    ended = {"best_val_acc": 0.95, "best_epoch": 2, "epochs_to_90": 2}
    ended |= {f"final/{name}": value for name, value in MEASURES.items()}
    assert run.data.metrics == {**MEASURES, "epoch": 2, **ended}
    assert Path(client.download_artifacts(run.info.run_id, "report.html")).read_text() == "the page"
    sent = {}
    for file in client.list_artifacts(run.info.run_id, "images"):
        name, _, step, *_ = file.path.removeprefix("images/").split("+")
        if file.path.endswith(".png"):
            sent[name] = client.download_artifacts(run.info.run_id, file.path)
            assert step == "19"
    assert set(sent) == {"features~tree frog", "features~a-b- 50 -", "features~-", "evolution~grid"}
    for name, render in zip(sorted(sent)[1:], [snapshot.snapshot.images[unit] for unit in (2, 1, 0)], strict=True):
        with Image.open(sent[name]) as image, Image.open(place / render.file) as kept:
            assert np.array_equal(np.asarray(image), np.asarray(kept))


@pytest.mark.parametrize("uri", ["sqlite:////nowhere/mlflow.db", "nonsense://server"])
def test_mlflow_that_cannot_open_a_run_is_one_line(tmp_path, uri):
    with pytest.raises(UserError, match=r"^MLflow cannot open a run at .*; use another logger.tracker.tracking_uri or"):
        mlflow_logger(tmp_path, "featevo", uri, "name", {})


def test_mlflow_that_is_not_installed_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(mlflow_run, "_MLFLOW_AVAILABLE", False)
    with pytest.raises(UserError, match=r"pip install 'featevo\[mlflow\]'"):
        made("mlflow", tmp_path)


def test_a_run_opens_on_a_file_system_without_locks(tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    assert mlflow_logger(tmp_path / "run", "featevo", (tmp_path / "runs").as_uri(), "name", {}).run_id
