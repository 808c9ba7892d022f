"""The table at a multirun's end: what each job was, how well it did, and what failed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import HORIZONTALS
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.record.jobs import FINISHED, Job


def print_jobs(jobs: Sequence[Job], console: Console) -> None:
    """Print a line per job, and under it the reasons of those that did not finish."""
    table = Table("job", "what differs", "best", "epoch", "epochs", "seconds", "status", box=HORIZONTALS)
    for job in jobs:
        best = "-" if job.best is None else f"{job.best:.4f}"
        numbers = [
            best,
            *("-" if value is None else f"{value:.0f}" for value in (job.best_epoch, job.epochs, job.seconds)),
        ]
        table.add_row(str(job.number), escape(job.name), *numbers, job.status)
    console.print(table)
    for job in jobs:
        if job.status != FINISHED:
            where = f" ({job.folder})" if job.folder else ""
            reason = job.error or "did not run"
            console.print(f"Job {job.number}: {reason}{where}", soft_wrap=True, highlight=False, markup=False)
