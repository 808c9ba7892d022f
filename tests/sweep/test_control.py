"""One command at a time works on a multirun."""

import errno
import fcntl
import json
import subprocess
import sys
import time

import pytest

from featevo.errors import UserError
from featevo.record.liveness import identity
from featevo.sweep.control import JOBS, LOCK, STOP, clear_stop, is_orphan, may_begin, must_end, take

HOLDER = """
import sys
import time
from pathlib import Path
from featevo.sweep.control import take
lock = take(Path(sys.argv[1]))
print(flush=True)
input()
"""


def test_a_second_command_is_refused_until_the_first_ends_or_is_killed(tmp_path):
    first = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout
    first.stdout.readline()
    with pytest.raises(UserError, match="another command works on this sweep"):
        take(tmp_path)
    first.kill()
    first.communicate()
    take(tmp_path).close()


def test_a_stop_lasts_until_the_next_command(tmp_path):
    (tmp_path / JOBS).mkdir()
    assert (may_begin(tmp_path), must_end(tmp_path)) == (True, False)
    (tmp_path / JOBS / STOP).write_text("SIGINT")
    assert (may_begin(tmp_path), must_end(tmp_path)) == (False, False)
    (tmp_path / JOBS / STOP).write_text("SIGTERM")
    assert (may_begin(tmp_path), must_end(tmp_path)) == (False, True)
    take(tmp_path).close()  # its jobs may not have ended yet
    assert (may_begin(tmp_path), must_end(tmp_path)) == (False, True)
    clear_stop(tmp_path)
    assert (may_begin(tmp_path), must_end(tmp_path)) == (True, False)


def test_a_file_system_without_locks_is_used_without_a_lock(tmp_path, monkeypatch, caplog):
    def fail(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    caplog.set_level("INFO")
    monkeypatch.setattr(fcntl, "flock", fail)
    take(tmp_path).close()
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{tmp_path} cannot be locked (No locks available)")


@pytest.fixture
def no_locks(monkeypatch):
    def fail(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)


def test_without_locks_a_command_that_works_is_found_by_its_process(tmp_path, no_locks):
    first = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout
    first.stdout.readline()
    for force in (False, True):
        with pytest.raises(
            UserError, match=rf"another command works on this sweep \(process {first.pid} on .+\); wait"
        ):
            take(tmp_path, force)
    first.kill()
    first.communicate()
    take(tmp_path).close()


def test_without_locks_a_command_of_another_machine_counts_as_gone_only_with_force(tmp_path, no_locks):
    (tmp_path / JOBS).mkdir()
    (tmp_path / JOBS / LOCK).write_text(json.dumps({**identity(), "host": "elsewhere"}))
    with pytest.raises(
        UserError, match=r"on elsewhere\); wait for it, or stop it; if it is gone, add sweep.force=true"
    ):
        take(tmp_path)
    take(tmp_path, force=True).close()
    assert json.loads((tmp_path / JOBS / LOCK).read_text()) == identity()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\0"])
def test_a_lock_file_with_anything_in_it_can_be_taken(tmp_path, no_locks, content):
    (tmp_path / JOBS).mkdir()
    (tmp_path / JOBS / LOCK).write_text(content)
    take(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / JOBS).touch()
    with pytest.raises(UserError, match=r"nothing can be written there \((File exists|Not a directory)\)"):
        take(tmp_path)


WORKERS = """
import os, sys, time
from pathlib import Path
from joblib import Parallel, delayed
def work(number):
    from featevo.sweep.control import is_orphan
    place = Path(sys.argv[1])
    (place / str(number)).write_text(str(is_orphan()))
    until = time.monotonic() + 60
    while not is_orphan() and time.monotonic() < until:
        time.sleep(0.05)
    (place / str(number)).write_text(str(is_orphan()))
Parallel(n_jobs=2)(delayed(work)(number) for number in range(2))
"""


def test_a_process_of_joblib_knows_that_its_command_was_killed(tmp_path):
    def written(text):
        end = time.monotonic() + 60
        while [path.read_text() for path in tmp_path.iterdir()] != [text] * 2:
            assert time.monotonic() < end
            time.sleep(0.05)

    command = subprocess.Popen([sys.executable, "-c", WORKERS.replace("sys.argv[1]", repr(str(tmp_path)))])
    written("False")
    command.kill()
    command.wait()
    written("True")
    assert not is_orphan()
