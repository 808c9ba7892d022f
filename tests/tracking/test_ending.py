"""After SIGTERM all trackers together get less than three seconds, and W&B knows how the run ended."""

import threading
import time

import pytest
import wandb
from pytorch_lightning.loggers.logger import DummyLogger

from featevo.tracking.ending import BRIEF, end
from featevo.tracking.trackers import drain, guarded, log_end
from featevo.tracking.wandb_run import INTERRUPTED, finish
from tests.tracking.parts import made
from tests.wandb_files import read_run


class Hanging(DummyLogger):
    """Answers nothing until it is released."""

    def __init__(self):
        super().__init__()
        self.released = threading.Event()

    def log_metrics(self, *args, **kwargs):
        self.released.wait(60)


@log_end.register
def _(logger: Hanging, folder):
    logger.released.wait(60)


def test_a_hanging_tracker_costs_less_than_three_seconds_and_wandb_gets_its_exit_state(tmp_path, caplog):
    hanging, healthy = guarded(Hanging()), guarded(made("wandb", tmp_path))
    for logger in (hanging, healthy):
        logger.log_metrics({"val_acc": 0.5, "epoch": 0}, 9)
    began = time.monotonic()
    drain([hanging, healthy], BRIEF)  # as the callback does when the fit ends
    end([hanging, healthy], tmp_path, INTERRUPTED, BRIEF)
    assert time.monotonic() - began < 3
    hanging.released.set()
    found = read_run(tmp_path)
    assert found["exit_code"] == INTERRUPTED
    assert [row["val_acc"] for row in found["history"]] == [0.5]
    assert "Hanging is too slow" in caplog.text


def test_wandb_that_does_not_close_is_left(tmp_path, monkeypatch, caplog):
    made("wandb", tmp_path)
    released = threading.Event()
    close = wandb.finish

    def hang(exit_code):
        released.wait(60)
        close(exit_code=exit_code)

    monkeypatch.setattr(wandb, "finish", hang)
    began = time.monotonic()
    finish(INTERRUPTED, 0.2)
    assert time.monotonic() - began < 2
    assert "W&B does not answer" in caplog.text
    released.set()
    assert read_run(tmp_path)["exit_code"] == INTERRUPTED


def test_without_patience_everything_is_waited_for(tmp_path, monkeypatch):
    """Each tracker hangs longer than after SIGTERM."""
    late = guarded(Hanging())
    made("wandb", tmp_path)
    threading.Timer(2 * BRIEF, late.released.set).start()
    end([late], tmp_path, 0)
    assert late.released.is_set()
    assert wandb.run is None
    assert read_run(tmp_path)["exit_code"] == 0


@pytest.fixture(autouse=True)
def _closed():
    yield
    finish(0)
