"""SIGTERM is raised within a run, and nowhere else."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.app.sigterm import ended_by_sigterm
from featevo.errors import TERMINATED

HANGS = """
import os, signal, sys, time
from featevo.app import sigterm
sigterm.LIMIT = 0.5
with sigterm.ended_by_sigterm():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)  # ignored: the first one is being obeyed
        print("closing", flush=True)
        time.sleep(60)  # as a tracker that hangs
"""


def test_a_run_that_hangs_while_it_closes_is_ended(tmp_path):
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (TERMINATED, "closing\n")
    assert time.monotonic() - began < 50


def test_the_handler_of_before_is_restored():
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_sigterm():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("where", ["another thread", "submitit"])
def test_where_it_is_not_ours_to_handle_nothing_changes(monkeypatch, where):
    seen = []

    def inside():
        with ended_by_sigterm():
            seen.append(signal.getsignal(signal.SIGTERM))

    if where == "submitit":
        monkeypatch.setenv("SUBMITIT_EXECUTOR", "slurm")
        inside()
    else:
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


def test_what_is_raised_is_known_to_lightning_and_the_record():
    from featevo.record.runfile import interruption

    assert interruption(SIGTERMException()) == "SIGTERM"
