"""A run's process exists, is gone or is unknown: real processes, real numbers of other processes, written records."""

import json
import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from featevo.record.liveness import KEYS, identity, is_alive

SHOW = "import json; from featevo.record.liveness import identity; print(json.dumps(identity()), flush=True); input()"


@pytest.fixture
def other():
    """A live process that is not featevo's."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def at(**difference):
    return (datetime.now(timezone.utc) + timedelta(**difference)).isoformat(timespec="seconds")


def test_this_process_is_alive():
    assert tuple(identity()) == KEYS
    assert None not in identity().values()
    assert is_alive(identity()) is True


def test_a_process_is_alive_until_it_is_killed_also_before_its_parent_notices():
    process = subprocess.Popen([sys.executable, "-c", SHOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    run = json.loads(process.stdout.readline())
    assert run["process"] == process.pid
    assert is_alive(run) is True
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    assert is_alive(run) is False
    process.communicate()
    assert is_alive(run) is False


def test_a_number_that_another_process_has_got_is_not_the_run(other):
    assert is_alive({**identity(), "process": other.pid}) is False
    # An older record has no start time, as nothing else can tell the two apart.
    assert is_alive({"process": other.pid, "host": socket.gethostname()}) is True


def test_another_boot_is_a_reboot_if_the_run_is_older_than_this_boot():
    before = {**identity(), "boot": "11111111-2222-3333-4444-555555555555"}
    assert is_alive({**before, "started": "1999-01-01T00:00:00+00:00"}) is False


def test_another_boot_while_this_machine_was_up_is_another_machine_with_its_name():
    elsewhere = {**identity(), "boot": "11111111-2222-3333-4444-555555555555"}
    assert is_alive({**elsewhere, "started": at(seconds=1)}) is None
    assert is_alive(elsewhere) is None
    assert is_alive({**elsewhere, "started": 5}) is None


def test_another_host_and_another_container_on_this_one_cannot_be_known(other):
    assert is_alive({**identity(), "host": "elsewhere"}) is None
    assert is_alive({**identity(), "process_namespace": "pid:[1]"}) is None


@pytest.mark.parametrize("process", [None, "12", 0, -1, 2**70, 1.5])
def test_a_number_that_is_none_is_gone(process):
    assert is_alive({**identity(), "process": process}) is False
    assert is_alive({}) is False
