"""`run.json`: the state of a run, written when it starts and when it ends, also after a failure."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.files import write_json
from featevo.record.liveness import identity
from featevo.record.provenance import git_commit, versions
from featevo.record.reading import read_run
from featevo.record.schema import INDEX


def claim(folder: Path) -> None:
    """Reserve a folder for one run. A run that ended before training leaves its folder free.

    Raises:
        UserError: When there is a run already, or nothing can be written.
    """
    taken = UserError(f"{folder} already holds a run; choose another hydra.run.dir (or hydra.sweep.dir)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(folder / "run.json", _claim())
    except FileExistsError as error:
        if not _claimed_again(folder):
            raise taken from error
    except OSError as error:
        raise UserError(f"{folder}: a run cannot be written there ({error.strerror}); choose another folder") from error


def _claimed_again(folder: Path) -> bool:
    """Reserve the folder of a run that never began; of several processes that try at once, one succeeds."""
    try:
        with (folder / "run.json").open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Read the locked file: another process may have reserved the folder just before.
            if not _never_began(folder, json.load(file)):
                return False
            file.seek(0)
            file.truncate()
            file.write(_claim())
            return True
    except (OSError, ValueError):  # no lock, no permission, no JSON
        return False


def _claim() -> str:
    return json.dumps({"status": "running", "started": _now(), **identity()})


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
    run = read_run(folder)
    if run.get("status") == "running":
        write_json(folder / "run.json", {**run, "status": "failed", "error": error})


@contextmanager
def recorded_run(folder: Path, name: str, overrides: list[str]) -> Iterator[dict[str, Any]]:
    """Keep `run.json` up to date around a run.

    Its status is "running" within, then "finished", "interrupted" (see `interruption`) or "failed" with the error's
    last line. A run that was killed stays "running", with the `identity` of a process that no longer exists. `mistake`
    is true after a `UserError` before `began` was set: such a folder may be reserved again.

    Args:
        folder: The run folder.
        name: Of the run.
        overrides: The command's.

    Yields:
        The content of `run.json`; the run adds its results, and sets `began` when training begins.
    """
    began = time.monotonic()
    run: dict[str, Any] = {
        "schema": 1,
        "name": name,
        "status": "running",
        "error": None,
        "mistake": False,
        "began": False,
        "overrides": overrides,
        "started": _now(),
        "seconds": 0.0,
        **identity(),
        "versions": versions(),
        "git_commit": git_commit(),
        "wandb": None,
    }
    write_json(folder / "run.json", run)
    try:
        yield run
        run["status"] = "finished"
    except BaseException as error:
        signal = interruption(error)
        run["status"] = "interrupted" if signal else "failed"
        run["mistake"] = isinstance(error, UserError) and not run["began"]
        line = str(error) if isinstance(error, UserError) else traceback.format_exception_only(error)[-1]
        line = f"interrupted by {signal}" if signal else line
        # Another process may have recorded the cause of this error.
        run["error"] = read_run(folder).get("error") or " ".join(line.split())
        raise
    finally:
        run["seconds"] = round(time.monotonic() - began, 3)
        write_json(folder / "run.json", run)
