"""One command at a time works on a multirun, and its jobs end before it; processes communicate by files."""

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
"""Files in the folder `JOBS`: `lock` is locked while a command works; `stop` exists when no further job may begin."""

PATIENCE = 10.0
"""Seconds for jobs to end by themselves: Ctrl+C in a terminal reaches them, too."""

LIMIT = 60.0
"""Seconds for jobs to record their end after SIGTERM."""

log = logging.getLogger(__name__)


def take(folder: Path) -> TextIO:
    """Lock the multirun for this command, until the returned file is closed or this process ends.

    Raises:
        UserError: Another command works on it.
    """
    place = folder / JOBS
    place.mkdir(exist_ok=True)
    lock = (place / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise UserError(f"{folder}: another command works on this sweep; wait for it, or stop it") from error
    except OSError as error:  # some network file systems have no locks
        log.info("%s cannot be locked (%s); run no other command on this sweep meanwhile", folder, error.strerror)
    (place / STOP).unlink(missing_ok=True)
    return lock


def may_begin(folder: Path) -> bool:
    """Whether the multirun has not been stopped."""
    return not (folder / JOBS / STOP).exists()


def must_end(folder: Path) -> bool:
    """Whether running jobs must be ended with SIGTERM."""
    try:
        return (folder / JOBS / STOP).read_text(encoding="utf-8") == signal.SIGTERM.name
    except FileNotFoundError:
        return False


def end_jobs_first(folder: Path, running: Callable[[], bool]) -> None:
    """On Ctrl+C and SIGTERM let the jobs record their end; joblib would kill them as soon as this process stops.

    Args:
        folder: The multirun's folder.
        running: Returns whether any job still runs.
    """

    def handle(number: int, frame: Any) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)  # a second signal ends the command at once
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
