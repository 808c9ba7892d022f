"""Each tracker gets its calls in order in its own thread; it neither delays training nor blocks the end."""

import logging
import random
import sys
import threading
import time

import numpy as np
import pytest
import torch
from pytorch_lightning.loggers import CSVLogger, Logger

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.tracking import worker as module
from featevo.tracking.metrics import MetricsTable
from featevo.tracking.trackers import drain, guarded, log_snapshot, worker_of
from featevo.tracking.wandb_run import finish
from featevo.tracking.worker import Worker
from tests.evolve.parts import CLASSES, SIZE, fit
from tests.tracking.parts import made, snapshot_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]


PATIENT = 60.0
"""Seconds that a test waits for what must happen; only a failing test waits so long."""


class Slow(Logger):
    """Keeps the calls, each after it was released."""

    name = version = "slow"

    def __init__(self, released=None):
        super().__init__()
        self.released = released or threading.Event()
        self.received = []

    def _take(self, what):
        self.released.wait(PATIENT)
        self.received.append(what)

    def log_hyperparams(self, params, *args, **kwargs):
        self._take("hyperparameters")

    def log_metrics(self, metrics, step=None):
        self._take(("metrics", metrics["epoch"]))

    def finalize(self, status):
        self._take(status)


class SlowImages(Slow):
    """Only images wait for the release."""

    def _take(self, what):
        if what[0] == "snapshot":
            super()._take(what)
        else:
            self.received.append(what)


@log_snapshot.register
def _(logger: Slow, taken, step):
    logger._take(("snapshot", taken.snapshot.epoch))


class Releases(FeatureEvolutionCallback):
    """At the end of training, before it waits for trackers: keeps what a tracker has received, and releases it."""

    def __init__(self, slow, folder):
        super().__init__(CLASSES, SIZE, trigger="every_epoch", steps=3, folder=folder)
        self.slow = slow

    def on_train_end(self, trainer, pl_module):
        super().on_train_end(trainer, pl_module)
        if self.slow is not None:
            self.received = list(self.slow.received)
            self.slow.released.set()


def trained(folder, slow=None, loggers=()):
    """Train with a slow logger; gives what it had received at the end of training, and the module."""
    callback = Releases(slow, folder)
    _, module = fit(folder, [callback], logger=[*loggers, *filter(None, [slow])] or False)
    return getattr(callback, "received", []), module


def test_a_slow_tracker_gets_all_calls_in_order_and_training_does_not_wait(tmp_path):
    slow = guarded(Slow())
    slow.log_hyperparams({"seed": 1})
    _, alone = trained(tmp_path / "alone")
    received, tracked = trained(tmp_path / "tracked", slow)
    assert received == []
    drain([slow])
    epochs = [(what, epoch) for epoch in (1, 2, 3) for what in ("metrics", "snapshot")]
    assert slow.received == ["hyperparameters", *epochs, "success"]
    assert tracked.losses == alone.losses


def test_a_call_returns_before_the_tracker_has_made_it():
    slow = guarded(Slow())
    for epoch in range(10):
        slow.log_metrics(metrics={"epoch": epoch}, step=epoch)
    assert slow.received == []
    drain([slow], patience=0.0)
    slow.released.set()


def test_training_does_not_wait_for_images_of_a_plain_logger(tmp_path):
    plain = SlowImages()
    received, _ = trained(tmp_path / "tracked", plain)
    assert received
    assert not [what for what in received if what[0] == "snapshot"]
    snapshots = [what for what in plain.received if what[0] == "snapshot"]
    assert snapshots == [("snapshot", epoch) for epoch in (1, 2, 3)], "drained when the fit ends"


def test_a_hanging_tracker_is_abandoned_and_its_missing_calls_are_logged(monkeypatch, caplog, tmp_path):
    hanging = Slow()
    monkeypatch.setattr(drain, "__defaults__", (0.5,))
    after = guarded(CSVLogger(tmp_path, name="after", version=""))
    trained(tmp_path, loggers=[MetricsTable(tmp_path), guarded(hanging), after])
    warned = [record.getMessage() for record in caplog.records if "too slow" in record.getMessage()]
    missed = "log_metrics (3 times), save (3 times), log_snapshot (3 times)"
    (warning,) = warned
    assert warning.startswith("Slow is too slow and did not receive everything: ")
    assert all(words in warning for words in missed.split(", "))
    assert "val_acc" in (tmp_path / "after" / "metrics.csv").read_text()
    late = threading.Timer(PATIENT, hanging.released.set)
    late.start()
    drain([hanging], patience=10 * PATIENT)  # it is not waited for a second time
    assert not hanging.released.is_set()
    late.cancel()
    hanging.released.set()


def test_each_kind_of_failure_is_logged_once(caplog):
    def fail():
        raise ConnectionError("the server is gone")

    worker = Worker("Broken")
    for what in ("save", "save", "finalize"):
        worker.call(what, fail)
    worker.drain(time.monotonic() + 10)
    reason = "failed (ConnectionError: the server is gone); training goes on, the record has everything"
    assert [record.getMessage() for record in caplog.records] == [f"Broken.save {reason}", f"Broken.finalize {reason}"]


def test_a_tracker_that_calls_exit_does_not_end_the_process(caplog):
    made = []
    worker = Worker("Leaving")
    worker.call("leave", sys.exit)
    worker.call("next", lambda: made.append("next"))
    worker.drain(time.monotonic() + 5)
    assert made == ["next"]
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == ["Leaving.leave failed"]


def test_the_cost_of_a_call_does_not_depend_on_the_number_of_waiting_calls():
    released = threading.Event()
    worker = Worker("Behind")
    worker.call("first", released.wait)
    seconds = []
    for _ in range(5):
        began = time.thread_time()  # of this thread: other processes do not count
        for _ in range(4_000):
            worker.call("call", lambda: None)
        seconds.append(time.thread_time() - began)
    released.set()
    worker.drain(time.monotonic() + PATIENT)
    # The least, as garbage may be collected in any of them.
    assert min(seconds[2:]) < 5 * seconds[0] + 0.05


def test_a_tracker_gets_the_values_at_the_time_of_the_call(tmp_path):
    slow = guarded(Verbatim())
    slow.released.set()
    metrics, parameters = {"epoch": 0, "val_acc": 0.5}, {"seed": 1}
    released = threading.Event()
    worker_of(slow).call("first", released.wait)
    slow.log_metrics(metrics, 3)
    slow.log_metrics(step=4, metrics=metrics)
    slow.log_hyperparams(parameters)
    metrics.clear()
    parameters.clear()
    released.set()
    drain([slow])
    assert slow.received == [{"epoch": 1, "val_acc": 0.5}, {"epoch": 1, "val_acc": 0.5}, {"seed": 1}]


class Verbatim(Slow):
    """Keeps the content of all calls."""

    def log_hyperparams(self, params, *args, **kwargs):
        self._take(dict(params))

    def log_metrics(self, metrics, step=None):
        self._take(dict(metrics))


def test_images_that_wait_do_not_fill_the_memory(monkeypatch, caplog):
    monkeypatch.setattr(module, "HELD", 100)
    released, made = threading.Event(), []
    worker = Worker("Slow")
    worker.call("first", released.wait, size=1000)  # a single call may have any size
    worker.call("second", lambda: made.append("second"), size=10)
    released.set()
    worker.drain(time.monotonic() + 10)
    worker.call("third", lambda: made.append("third"), size=1000)
    worker.drain(time.monotonic() + 10)
    assert made == ["third"]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "Slow is too slow and did not receive everything: second (1 times); the record has it"
    ]


def test_no_thread_is_left_when_all_calls_are_made():
    worker = Worker("Idle")
    for _ in range(3):
        worker.call("call", lambda: None)
        worker.drain(time.monotonic() + 10)
    for thread in threading.enumerate():
        if thread.name == "featevo-Idle":
            thread.join(PATIENT)
            assert not thread.is_alive()


def state():
    return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()


@pytest.mark.parametrize("kind", ["wandb", "tensorboard", "mlflow"])
def test_no_tracker_draws_from_the_global_generators(tmp_path, kind):
    """A tracker's thread would change the random numbers of training; here only the tracker can change the state."""
    logger = made(kind, tmp_path)
    snapshot = snapshot_of(tmp_path)
    random.seed(1)
    before = state()
    logger.log_metrics({"val_acc": 0.5, "epoch": 0}, step=1)
    log_snapshot(logger, snapshot, 1)
    assert state() == before
    if kind == "wandb":
        finish(0)
