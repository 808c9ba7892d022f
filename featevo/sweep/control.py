"""One command at a time works on a multirun, and its jobs end before it; processes communicate by files."""

from __future__ import annotations

import fcntl
import json
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from featevo.errors import TERMINATED, UserError
from featevo.record.files import write_text
from featevo.record.jobs import JOBS
from featevo.record.liveness import identity, is_alive

LOCK, STOP = "lock", "stop"
"""Files in the folder `JOBS`: `lock` is locked while a command works, and has its `identity`; `stop` exists when no
further job may begin."""

PATIENCE = 10.0
"""Seconds for jobs to end by themselves: Ctrl+C in a terminal reaches them, too."""

LIMIT = 60.0
"""Seconds for jobs to record their end after SIGTERM."""

log = logging.getLogger(__name__)


def take(folder: Path, force: bool = False) -> TextIO:
    """Lock the multirun for this command, until the returned file is closed or this process ends.

    Some network file systems have no locks. There, the process that the file names must be gone.

    Args:
        folder: The multirun's folder.
        force: Whether a process of another machine counts as gone.

    Raises:
        UserError: Another command works on it, or the folder cannot be written.
    """
    place = folder / JOBS
    try:
        place.mkdir(exist_ok=True)
        lock = (place / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder}: nothing can be written there ({error.strerror})") from error
    try:
        other = _holder(lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(_taken(folder, other)) from error
        except OSError as error:
            alive = is_alive(other)
            if alive or (alive is None and not force):
                hint = "" if alive else "; if it is gone, add sweep.force=true"
                raise UserError(_taken(folder, other) + hint) from error
            log.info("%s cannot be locked (%s); run no other command on this sweep meanwhile", folder, error.strerror)
        lock.truncate(0)
        json.dump(identity(), lock)
        lock.flush()
    except BaseException:
        lock.close()
        raise
    return lock


def _holder(lock: TextIO) -> dict[str, Any]:
    lock.seek(0)
    try:
        content = json.loads(lock.read(2**16))
    except ValueError:  # nothing, or half of it
        return {}
    return content if isinstance(content, dict) else {}


def _taken(folder: Path, other: dict[str, Any]) -> str:
    by = f" (process {other.get('process')} on {other.get('host')})" if other else ""
    return f"{folder}: another command works on this sweep{by}; wait for it, or stop it"


def clear_stop(folder: Path) -> None:
    """Let jobs begin again after an earlier command was stopped, whose jobs have all ended."""
    (folder / JOBS / STOP).unlink(missing_ok=True)


def may_begin(folder: Path) -> bool:
    """Whether the multirun has not been stopped."""
    return not (folder / JOBS / STOP).exists()


def is_orphan() -> bool:
    """Whether this is a process of joblib's whose command was killed; it lives on as long as its job."""
    parent = multiprocessing.parent_process()
    return (
        type(multiprocessing.current_process()).__name__ == "LokyProcess"
        and parent is not None
        and parent.pid != os.getppid()
    )


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
