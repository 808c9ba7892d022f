"""`sweep.json`: what a multirun is, written when it starts and again when it ends, for readers and for resuming it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.files import write_json
from featevo.record.jobs import FINISHED, INTERRUPTED, RUNNING, Job, is_here, read_jobs

FILE = "sweep.json"


@dataclass
class Sweep:
    """One multirun.

    Attributes:
        folder: Where its jobs' folders are.
        command: The arguments that started it, for doing it again.
        plan: What differs in each job.
    """

    folder: Path
    command: list[str]
    plan: list[tuple[str, ...]]
    began: float = field(default_factory=time.monotonic)
    started: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"))

    def jobs(self) -> list[Job]:
        """What has become of each job so far."""
        return read_jobs(self.folder, self.plan)

    def has_running(self) -> bool:
        """Whether a job runs on this machine."""
        return any(job.status == RUNNING and is_here(job) for job in self.jobs())

    def write(self, interrupted: bool = False, over: bool = True) -> list[Job]:
        """Put the present state on record.

        Args:
            interrupted: Whether the user stopped it.
            over: Whether it has ended.

        Returns:
            The jobs.
        """
        jobs = self.jobs()
        status = FINISHED if all(job.status == FINISHED for job in jobs) else "failed"
        content: dict[str, Any] = {
            "schema": 1,
            "name": self.folder.name,
            "status": RUNNING if not over else INTERRUPTED if interrupted else status,
            "command": self.command,
            "started": self.started,
            "seconds": round(time.monotonic() - self.began, 3),
            "jobs": [self._entry(job) for job in jobs],
        }
        write_json(self.folder / FILE, content)
        return jobs

    def _entry(self, job: Job) -> dict[str, Any]:
        return {
            "number": job.number,
            "overrides": list(job.overrides),
            "folder": None if job.folder is None else os.path.relpath(job.folder, self.folder),
            "status": job.status,
            "error": job.error,
            "best": job.best,
            "best_epoch": job.best_epoch,
            "epochs": job.epochs,
            "seconds": job.seconds,
        }


def read_sweep(folder: Path) -> Sweep:
    """The multirun of a folder, with its jobs as they are now.

    Raises:
        UserError: When there is none, or its file cannot be read.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        plan = [tuple(job["overrides"]) for job in content["jobs"]]
        return Sweep(folder, [str(word) for word in content["command"]], plan, started=content["started"])
    except OSError as error:
        raise UserError(f"{folder} is not a sweep: {FILE} was looked for there and not found") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: cannot be read; repeat the sweep's own command with hydra.sweep.dir") from error
