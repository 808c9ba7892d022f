"""`sweep.json`: the plan and state of a multirun, written when it starts and when it ends."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.files import write_json
from featevo.record.jobs import FAILED, FINISHED, INTERRUPTED, RUNNING, Job, read_jobs
from featevo.record.liveness import is_alive
from featevo.record.reading import read_run
from featevo.record.safe import MOST_SWEEP, read_json

FILE = "sweep.json"


@dataclass
class Sweep:
    """One multirun.

    Attributes:
        folder: Where its jobs' folders are.
        command: The arguments that started it, for resuming it.
        plan: What differs in each job.
    """

    folder: Path
    command: list[str]
    plan: list[tuple[str, ...]]
    began: float = field(default_factory=time.monotonic)
    started: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"))

    def jobs(self) -> list[Job]:
        """The present state of each job."""
        return read_jobs(self.folder, self.plan)

    def has_running(self) -> bool:
        """Whether a job runs on this machine."""
        return any(job.folder and job.status == RUNNING and is_alive(read_run(job.folder)) for job in self.jobs())

    def write(self, interrupted: bool = False, over: bool = True) -> list[Job]:
        """Write the present state to `sweep.json`.

        Args:
            interrupted: Whether the user stopped it.
            over: Whether it has ended.

        Returns:
            The jobs.
        """
        jobs = self.jobs()
        status = FINISHED if all(job.status == FINISHED for job in jobs) else FAILED
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
        folder = None if job.folder is None else os.path.relpath(job.folder, self.folder)
        return {**asdict(job), "overrides": list(job.overrides), "folder": folder}


def read_sweep(folder: Path) -> Sweep:
    """The multirun of a folder, with its jobs as they are now.

    Raises:
        UserError: When there is none, or its file cannot be read.
    """
    try:
        content = read_json(folder, FILE, MOST_SWEEP)
        plan = [tuple(map(str, job["overrides"])) for job in content["jobs"]]
        return Sweep(folder, [str(word) for word in content["command"]], plan, started=str(content["started"]))
    except OSError as error:
        raise UserError(f"{folder} is not a sweep: {FILE} was looked for there and not found") from error
    except (ValueError, KeyError, TypeError) as error:
        message = "cannot be read; repeat the sweep's own command with hydra.sweep.dir"
        raise UserError(f"{folder / FILE}: {message}") from error
