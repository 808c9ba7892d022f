"""`run.json`: what became of a run, written when it starts and again when it ends, however it ends."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.evolve.files import write_json
from featevo.evolve.provenance import git_commit, versions


@contextmanager
def recorded_run(folder: Path, name: str, overrides: list[str]) -> Iterator[dict[str, Any]]:
    """Keep `run.json` up to date around a run.

    Its status is "running" within, then "finished", "interrupted" (Ctrl+C) or "failed" with the error's last line; a
    run that was killed stays "running" with the number of a process that no longer is.

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
        "versions": versions(),
        "git_commit": git_commit(),
        "wandb": None,
    }
    write_json(folder / "run.json", run)
    try:
        yield run
        run["status"] = "finished"
    except BaseException as error:
        # Lightning turns Ctrl+C into an exit of its own.
        stopped = isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt)
        run["status"] = "interrupted" if stopped else "failed"
        what = str(error) if isinstance(error, UserError) else traceback.format_exception_only(error)[-1]
        run["error"] = " ".join(what.split())
        raise
    finally:
        run["seconds"] = round(time.monotonic() - began, 3)
        write_json(folder / "run.json", run)
