"""One command at a time works on a multirun."""

import errno
import fcntl
import subprocess
import sys

import pytest

from featevo.errors import UserError
from featevo.sweep.control import JOBS, STOP, may_begin, must_end, take

HOLDER = """
import sys
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
    take(tmp_path).close()
    assert (may_begin(tmp_path), must_end(tmp_path)) == (True, False)


def test_a_file_system_without_locks_is_used_without_a_lock(tmp_path, monkeypatch, caplog):
    def fail(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    caplog.set_level("INFO")
    monkeypatch.setattr(fcntl, "flock", fail)
    (tmp_path / JOBS).mkdir()
    (tmp_path / JOBS / STOP).write_text("SIGINT")
    take(tmp_path).close()
    assert may_begin(tmp_path)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{tmp_path} cannot be locked (No locks available)")
