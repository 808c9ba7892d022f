"""The live status of a multirun: a line for each job that ends, whichever launcher runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from featevo.record.jobs import ENDED, FAILED, FINISHED, RUNNING, Job
from featevo.record.sweep import Sweep

SECONDS = 1.0
"""How often the jobs' files are looked at."""


class Watch:
    """Says in one line of each job that it ended, how, and how many are left; the files are the only channel.

    Args:
        sweep: Whose jobs; those that have ended before are not mentioned.
        say: Takes a line.
    """

    def __init__(self, sweep: Sweep, say: Callable[[str], None]) -> None:
        self._sweep, self._say = sweep, say
        self._told = {job.number for job in sweep.jobs() if job.status in ENDED}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look a last time."""
        self._over.set()
        self._thread.join()
        self._look()

    def _keep_looking(self) -> None:
        while not self._over.wait(SECONDS):
            self._look()

    def _look(self) -> None:
        jobs = self._sweep.jobs()
        for job in jobs:
            if job.status in ENDED and job.number not in self._told:
                self._told.add(job.number)
                self._say(line(job, jobs, len(self._told)))


def line(job: Job, jobs: list[Job], ended: int) -> str:
    """One job's end: `[2/6] init=random, seed=1: finished, best 0.985 in epoch 4, 14 s; 1 running`."""
    words = [job.status]
    if job.status == FAILED and job.error:
        words = [f"failed ({job.error})"]
    if job.status == FINISHED and job.best is not None:
        words.append(f"best {job.best:.4f} in epoch {job.best_epoch:.0f}")
    if job.seconds:
        words.append(f"{job.seconds:.0f} s")
    running = sum(other.status == RUNNING for other in jobs)
    left = f"; {running} running" if running else ""
    return f"[{ended}/{len(jobs)}] {job.name}: {', '.join(words)}{left}"
