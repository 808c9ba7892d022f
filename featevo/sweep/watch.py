"""The live status of a multirun: a line for each job that ends, for every launcher."""

from __future__ import annotations

import threading
from collections.abc import Callable

from featevo.record.jobs import ENDED, FAILED, FINISHED, RUNNING, Job
from featevo.record.sweep import Sweep

SECONDS = 1.0
"""Interval at which the jobs' files are read."""


class Watch:
    """Reports each job that ends, from the jobs' files alone; jobs that have ended before are left out.

    Args:
        sweep: The multirun.
        report: Takes one line.
    """

    def __init__(self, sweep: Sweep, report: Callable[[str], None]) -> None:
        self._sweep, self._report = sweep, report
        self._reported = {job.number for job in sweep.jobs() if job.status in ENDED}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after a last look at the files."""
        self._over.set()
        self._thread.join()
        self._update()

    def _poll(self) -> None:
        while not self._over.wait(SECONDS):
            self._update()

    def _update(self) -> None:
        jobs = self._sweep.jobs()
        for job in jobs:
            if job.status in ENDED and job.number not in self._reported:
                self._reported.add(job.number)
                self._report(line(job, jobs, len(self._reported)))
            elif job.status not in ENDED:  # a cluster started it again
                self._reported.discard(job.number)


def line(job: Job, jobs: list[Job], ended: int) -> str:
    """The end of a job, such as `[2/6] init=random, seed=1: finished, best 0.985 in epoch 4, 14 s; 1 running`."""
    words = [f"failed ({job.error})" if job.status == FAILED and job.error else job.status]
    if job.status == FINISHED and job.best is not None:
        words.append(f"best {job.best:.4f} in epoch {job.best_epoch:.0f}")
    if job.seconds:
        words.append(f"{job.seconds:.0f} s")
    running = sum(other.status == RUNNING for other in jobs)
    left = f"; {running} running" if running else ""
    return f"[{ended}/{len(jobs)}] {job.name}: {', '.join(words)}{left}"
