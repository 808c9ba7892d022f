"""The end of a multirun: its record, a table, a comparison and a page."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.box import HORIZONTALS
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.errors import UserError
from featevo.page.page import write_report
from featevo.record.find import find_runs
from featevo.record.jobs import FINISHED, Job
from featevo.record.sweep import Sweep
from featevo.sweep.recorded_command import printed, to_repeat
from featevo.sweep.resume import KEY

log = logging.getLogger(__name__)


def close_sweep(sweep: Sweep, interrupted: bool) -> bool:
    """Write and print everything; a failed drawing is only logged, because the jobs' records are complete without it.

    Returns:
        Whether all jobs finished.
    """
    jobs = sweep.write(interrupted)
    _print_jobs(jobs)
    lines = {"Sweep folder": sweep.folder, **{path.stem.capitalize(): path for path in _drawn(sweep.folder)}}
    if (sweep.folder / "wandb").is_dir():
        lines["W&B"] = sweep.folder / "wandb"
    for what, path in lines.items():
        print(f"{what + ':':<14}{path}")
    whole = all(job.status == FINISHED for job in jobs)
    if not whole:
        words = [f"{KEY}{sweep.folder}", *to_repeat(sweep.command)]
        print(f"Run what is missing: python -m featevo.train {printed(words)}")
    return whole


def _print_jobs(jobs: Sequence[Job]) -> None:
    table = Table("job", "what differs", "best", "epoch", "epochs", "seconds", "status", box=HORIZONTALS)
    for job in jobs:
        best = "-" if job.best is None else f"{job.best:.4f}"
        rest = ("-" if value is None else f"{value:.0f}" for value in (job.best_epoch, job.epochs, job.seconds))
        table.add_row(str(job.number), escape(job.name), best, *rest, job.status)
    Console().print(table)
    for job in jobs:
        if job.status != FINISHED:
            where = f" ({job.folder})" if job.folder else ""
            print(f"Job {job.number}: {job.error or 'did not run'}{where}")


def _drawn(folder: Path) -> Iterator[Path]:
    from featevo.figures.comparison import save_comparison  # imports matplotlib, needed only at a sweep's end

    try:
        found = find_runs([folder])
    except UserError:
        return
    comparison = partial(save_comparison, found.title, found.runs, folder / "comparison.png")
    for what, draw in {"comparison": comparison, "page": partial(write_report, [folder])}.items():
        try:
            yield draw()
        except Exception:
            log.exception("The %s of %s could not be written", what, folder)
