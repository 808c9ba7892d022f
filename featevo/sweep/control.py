"""Who is at work on a multirun: one command at a time, which ends its jobs before itself; files are the channel."""

from __future__ import annotations

import fcntl
import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from featevo.errors import TERMINATED, UserError
from featevo.record.files import write_text
from featevo.record.jobs import JOBS

LOCK, STOP = "lock", "stop"
"""Files in the folder of `JOBS`: held while a command is at work; there once jobs are to begin no more."""

PATIENCE = 10.0
"""Seconds for jobs to end by themselves, as a terminal's Ctrl+C reaches them, too."""

LIMIT = 60.0
"""Seconds for jobs to put their end on record once they have been told."""

log = logging.getLogger(__name__)


def take(folder: Path) -> TextIO:
    """Keep other commands from this multirun, until the returned file is closed or this process ends.

    Raises:
        UserError: When one is at work on it.
    """
    place = folder / JOBS
    place.mkdir(exist_ok=True)
    lock = (place / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise UserError(f"{folder}: another command is at work on this sweep; wait for it, or stop it") from error
    except OSError as error:  # some network file systems have no locks
        log.info("%s cannot be locked (%s); see that no other command works on this sweep", folder, error.strerror)
    (place / STOP).unlink(missing_ok=True)
    return lock


def may_begin(folder: Path) -> bool:
    """Whether nobody has stopped the multirun."""
    return not (folder / JOBS / STOP).exists()


def must_end(folder: Path) -> bool:
    """Whether jobs that run are to be ended with SIGTERM."""
    try:
        return (folder / JOBS / STOP).read_text(encoding="utf-8") == signal.SIGTERM.name
    except FileNotFoundError:
        return False


def end_jobs_first(folder: Path, running: Callable[[], bool]) -> None:
    """On Ctrl+C and SIGTERM let the jobs put their end on record; joblib would kill them the moment this process stops.

    Args:
        folder: Of the multirun.
        running: Whether any job still is.
    """

    def handle(number: int, frame: Any) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)  # who is in a hurry asks twice
        if number == signal.SIGINT:
            write_text(folder / JOBS / STOP, signal.SIGINT.name)
            _wait(running, PATIENCE)
        write_text(folder / JOBS / STOP, signal.SIGTERM.name)
        _wait(running, LIMIT)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(TERMINATED)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, handle)


def _wait(running: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while running() and time.monotonic() < until:
        time.sleep(0.2)
