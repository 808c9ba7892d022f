"""`run.json`: what became of a run, written when it starts and again when it ends, however it ends."""

from __future__ import annotations

import json
import os
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.errors import UserError
from featevo.record.files import write_json
from featevo.record.provenance import git_commit, versions


def claim(folder: Path) -> None:
    """Make a folder the place of one run, which no second one can get.

    Raises:
        UserError: When there is a run already, or nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "run.json").open("x", encoding="utf-8") as file:
            json.dump({"status": "running", "process": os.getpid(), "host": socket.gethostname()}, file)
    except FileExistsError as error:
        raise UserError(f"{folder} already holds a run; choose another hydra.run.dir (or hydra.sweep.dir)") from error
    except OSError as error:
        raise UserError(f"{folder}: a run cannot be written there ({error.strerror}); choose another folder") from error


def interruption(error: BaseException) -> str | None:
    """Who stopped the run from outside, "Ctrl+C" or "SIGTERM"; None for an error of its own."""
    if isinstance(error, SIGTERMException):
        return "SIGTERM"
    # Lightning turns Ctrl+C into an exit of its own.
    stopped = isinstance(error, KeyboardInterrupt)
    stopped |= isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt)
    return "Ctrl+C" if stopped else None


def tell_failure(folder: Path, error: str) -> None:
    """What another process than the one that keeps the record says before it ends, in case that one cannot."""
    path = folder / "run.json"
    run = _read(path)
    if run.get("status") == "running":
        write_json(path, {**run, "status": "failed", "error": error})


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@contextmanager
def recorded_run(folder: Path, name: str, overrides: list[str]) -> Iterator[dict[str, Any]]:
    """Keep `run.json` up to date around a run.

    Its status is "running" within, then "finished", "interrupted" (Ctrl+C, SIGTERM) or "failed" with the error's last
    line; a run that was killed stays "running" with the number of a process that no longer is.

    Args:
        folder: The run folder.
        name: Of the run.
        overrides: The command's, for repeating it.

    Yields:
        What will be written; the run adds its results.
    """
    began = time.monotonic()
    run: dict[str, Any] = {
        "schema": 1,
        "name": name,
        "status": "running",
        "error": None,
        "overrides": overrides,
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": 0.0,
        "process": os.getpid(),
        "host": socket.gethostname(),
        "versions": versions(),
        "git_commit": git_commit(),
        "wandb": None,
    }
    write_json(folder / "run.json", run)
    try:
        yield run
        run["status"] = "finished"
    except BaseException as error:
        who = interruption(error)
        run["status"] = "interrupted" if who else "failed"
        what = str(error) if isinstance(error, UserError) else traceback.format_exception_only(error)[-1]
        what = f"interrupted by {who}" if who else what
        # Another process may have told the cause, of which this one has the consequence.
        run["error"] = _read(folder / "run.json").get("error") or " ".join(what.split())
        raise
    finally:
        run["seconds"] = round(time.monotonic() - began, 3)
        write_json(folder / "run.json", run)
