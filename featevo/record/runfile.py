"""`run.json`: the state of a run, written when it starts and when it ends, also after a failure."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

from featevo.errors import UserError
from featevo.record.files import as_json, log_failure, remove_temporaries, write_json
from featevo.record.liveness import identity
from featevo.record.provenance import git_commit, versions
from featevo.record.reading import read_run
from featevo.record.schema import INDEX

KEPT = ("name", "overrides", "started", "wandb", "trackers", "init")
"""Keys of `run.json` that a resumed run keeps."""

log = logging.getLogger(__name__)


def claim(folder: Path) -> None:
    """Reserve a folder for one run. A run that ended before training leaves its folder free.

    Raises:
        UserError: When there is a run already, or nothing can be written.
    """
    taken = UserError(f"{folder} already holds a run; choose another hydra.run.dir (or hydra.sweep.dir)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(folder / "run.json", _claim())
        for left in folder.glob(".run.json.*.tmp"):  # of a process that was killed just here
            left.unlink(missing_ok=True)
    except FileExistsError as error:
        if not _claimed_again(folder, lambda run: _never_began(folder, run)):
            raise taken from error
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UserError:
    return UserError(f"{folder}: a run cannot be written there ({error.strerror}); choose another folder")


def claim_again(folder: Path, run: Mapping[str, Any]) -> None:
    """Reserve the folder of a run that is to be resumed.

    Args:
        folder: The run folder.
        run: Content of its `run.json`, as last read.

    Raises:
        UserError: Another process resumes it, or nothing can be written.
    """
    if _claimed_again(folder, lambda found: found == run):
        remove_temporaries(folder)
    else:
        raise UserError(f"{folder}: cannot be resumed; another process resumes it, or it cannot be written")


def _claimed_again(folder: Path, is_free: Callable[[Any], bool]) -> bool:
    """Reserve a folder with a `run.json`; of several processes that try at once, one succeeds."""
    try:
        with (folder / "run.json").open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Read the locked file: another process may have reserved the folder just before.
            found = json.load(file)
            if not is_free(found):
                return False
            file.seek(0)
            file.truncate()
            file.write(_claim(found))
            return True
    except (OSError, ValueError):  # no lock, no permission, no JSON
        return False


def _claim(before: Mapping[str, Any] = MappingProxyType({})) -> str:
    return json.dumps({"started": _now(), **before, "status": "running", **identity()})


def _write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet, at no moment without its content: that would look like a killed run."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    finally:
        temporary.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def holds_run(folder: Path) -> bool:
    """Whether a folder has a run; one that ended with the user's mistake before training does not count."""
    return (folder / "run.json").exists() and not _never_began(folder, read_run(folder))


def _never_began(folder: Path, run: Any) -> bool:
    mistaken = isinstance(run, dict) and run.get("status") == "failed" and run.get("mistake") is True
    return mistaken and not any((folder / name).exists() for name in (INDEX, "metrics.csv"))


def interruption(error: BaseException) -> str | None:
    """What stopped the run, "Ctrl+C", "SIGTERM" or "submitit"; None for an error."""
    # By name: `lightning` and `pytorch_lightning` each have one, and the record imports neither.
    if any(kind.__name__ == "SIGTERMException" for kind in type(error).__mro__):
        return "SIGTERM"
    # Its exit codes for a job that it submits again, before a time limit or a preemption.
    if "SUBMITIT_EXECUTOR" in os.environ and isinstance(error, SystemExit) and error.code in (-1, 144):
        return "submitit"
    # Lightning turns Ctrl+C into an exit of its own.
    stopped = isinstance(error, KeyboardInterrupt)
    stopped |= isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt)
    return "Ctrl+C" if stopped else None


def record_failure(folder: Path, error: str) -> None:
    """Record the failure of a process other than the main one, which may not be able to do it."""
    with suppress(OSError, UserError):  # this process ends by its own error
        run = read_run(folder)
        if run.get("status") == "running":
            write_json(folder / "run.json", {**run, "status": "failed", "error": error})


@contextmanager
def recorded_run(
    folder: Path, name: str, overrides: list[str], earlier: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Keep `run.json` up to date around a run.

    Its status is "running" within, then "finished", "interrupted" (see `interruption`) or "failed" with the error's
    last line. A run that was killed stays "running", with the `identity` of a process that no longer exists. `mistake`
    is true after a `UserError` before `began` was set: such a folder may be reserved again.

    Args:
        folder: The run folder.
        name: Of the run.
        overrides: The command's.
        earlier: Content of `run.json` of a run that is resumed: its start and its seconds stay, its end goes to
            `resumed`, with the overrides of this command.

    Yields:
        The content of `run.json`; the run adds its results, and sets `began` when training begins.

    Raises:
        UserError: `run.json` cannot be written at the start.
        OSError: It cannot be written after a run that finished; after an error, that error is raised and this logged.
    """
    began, now = time.monotonic(), _now()
    before = float((earlier or {}).get("seconds") or 0.0)
    run: dict[str, Any] = {
        "schema": 1,
        "name": name,
        "status": "running",
        "error": None,
        "mistake": False,
        "began": False,
        "overrides": overrides,
        "started": now,
        "seconds": 0.0,
        **identity(),
        "versions": versions(),
        "git_commit": git_commit(),
        "wandb": None,
        "trackers": [],
    }
    if earlier is not None:
        end = {key: earlier.get(key) for key in ("status", "error", "seconds")}
        run |= {key: earlier[key] for key in KEPT if key in earlier} | {"began": True}
        run["resumed"] = [*earlier.get("resumed", []), {**end, "at": now, "overrides": overrides}]
    try:
        write_json(folder / "run.json", run)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield run
    except BaseException as error:
        signal = interruption(error)
        run["status"] = "interrupted" if signal else "failed"
        run["mistake"] = isinstance(error, UserError) and not run["began"]
        line = str(error) if isinstance(error, UserError) else traceback.format_exception_only(error)[-1]
        line = f"interrupted by {signal}" if signal else line
        with suppress(UserError):  # another process may have recorded the cause of this error
            line = read_run(folder).get("error") or line
        run |= {"error": " ".join(line.split()), "seconds": round(before + time.monotonic() - began, 3)}
        try:
            _write_end(folder / "run.json", run)
        except OSError as failure:  # the first error is the one to show
            log_failure(log, f"{folder / 'run.json'} cannot be written, so it says that the run goes on", failure)
        raise
    run |= {"status": "finished", "seconds": round(before + time.monotonic() - began, 3)}
    _write_end(folder / "run.json", run)


def _write_end(path: Path, run: dict[str, Any]) -> None:
    """Write `run.json`; on a full disk into the file that exists, if its blocks have room."""
    try:
        write_json(path, run)
    except OSError as error:
        content = as_json(run).encode(errors="backslashreplace")
        with suppress(OSError), path.open("r+b") as file:
            if len(content) <= os.fstat(file.fileno()).st_blocks * 512:
                file.write(content)
                file.truncate()
                return
        raise error
