"""Jobs that may still run although no command works on their multirun: its command was killed, or was elsewhere."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from featevo.errors import UserError
from featevo.record.jobs import RUNNING, Job
from featevo.record.liveness import is_alive
from featevo.record.reading import read_run
from featevo.record.sweep import Sweep
from featevo.sweep.control import LIMIT


def end_running(sweep: Sweep, force: bool) -> None:
    """Ensure that no job of a multirun runs.

    Args:
        sweep: The multirun, on which no other command works.
        force: Whether to end the jobs of this machine with SIGTERM, and to take those of other machines as killed.

    Raises:
        UserError: A job runs, or may run, and `force` is false; or it cannot be ended.
    """
    running = [(job, read_run(job.folder)) for job in sweep.jobs() if job.folder and job.status == RUNNING]
    if running and not force:
        shown = ", ".join(_shown(job, run) for job, run in running)
        raise UserError(
            f"sweep.resume={sweep.folder}: {shown}; wait for the end, or add sweep.force=true: "
            "it ends the jobs of this machine, and takes those of other machines as killed"
        )
    for job, run in running:
        if is_alive(run):
            _end(job, run)


def _shown(job: Job, run: Mapping[str, Any]) -> str:
    process = f"process {run.get('process')}"
    if is_alive(run):
        return f"job {job.number} is still running as {process}, without a command"
    return f"job {job.number} may be running on {run.get('host')} as {process}, which cannot be seen from here"


def _end(job: Job, run: Mapping[str, Any]) -> None:
    process = run["process"]
    if run.get("process_started") is None:
        raise UserError(f"job {job.number}: process {process} may be another program's by now; look at it and end it")
    print(f"Ending job {job.number} (process {process})", flush=True)
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise UserError(f"job {job.number}: process {process} is another user's, who must end it") from error
    until = time.monotonic() + LIMIT
    while is_alive(run):
        if time.monotonic() > until:
            raise UserError(f"job {job.number}: process {process} did not end {LIMIT:.0f} s after SIGTERM; end it")
        time.sleep(0.2)
