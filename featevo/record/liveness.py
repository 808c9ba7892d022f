"""Whether the process of a run still exists, also after its number was given to another process, or a reboot."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

KEYS = ("process", "host", "boot", "process_namespace", "process_started")
"""Keys of `identity`."""

_PROC = Path("/proc")


def identity() -> dict[str, Any]:
    """What identifies this process, for `run.json`; what this system cannot tell is None.

    Returns:
        `process`: its number; `host`: the machine's name; `boot`: the id of the machine's boot; `process_namespace`:
        within which the number is valid, as containers on one machine number their processes separately;
        `process_started`: start time in clock ticks since the boot.
    """
    process = os.getpid()
    values = (process, socket.gethostname(), _boot(), _namespace(), _started(process))
    return dict(zip(KEYS, values, strict=True))


def is_alive(run: Mapping[str, Any]) -> bool | None:
    """Whether the process with the `identity` in `run` exists; None where this cannot be known from here.

    Another boot of a machine with the same name is this machine before a reboot, and the process is gone; or another
    machine of that name, such as a container elsewhere, if this one was already up when the run started.

    Args:
        run: Content of `run.json`, with `started`. Of an older record, which has only `process` and `host`, a reused
            number counts as the run's process.
    """
    process = run.get("process")
    if not isinstance(process, int) or process <= 0:
        return False
    if run.get("host") not in (None, socket.gethostname()):
        return None
    boot, namespace, started = run.get("boot"), run.get("process_namespace"), run.get("process_started")
    if boot is not None and boot != _boot():
        return None if _was_up(run.get("started")) else False
    if namespace is not None and namespace != _namespace():
        return None
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it exists and is another user's
        pass
    if _is_zombie(process):
        return False
    return started is None or _started(process) in (None, started)


def _boot() -> str | None:
    with suppress(OSError):
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return None


def _was_up(started: Any) -> bool:
    """Whether this machine was up at a time in ISO format; True where that is unknown."""
    try:
        lines = (_PROC / "stat").read_text().splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime"))
        return booted < datetime.fromisoformat(started).timestamp()
    except (OSError, StopIteration, TypeError, ValueError):
        return True


def _namespace() -> str | None:
    with suppress(OSError):
        return os.readlink(_PROC / "self/ns/pid")
    return None


def _started(process: int) -> int | None:
    with suppress(OSError, IndexError, ValueError):
        return int(_state(process)[19])
    return None


def _is_zombie(process: int) -> bool:
    """Whether a process has ended and was not yet reaped by its parent."""
    with suppress(OSError, IndexError):
        return _state(process)[0] == "Z"
    return False


def _state(process: int) -> list[str]:
    """The fields after the name, which may have spaces and brackets: the state is the first, field 3 of the file."""
    return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
