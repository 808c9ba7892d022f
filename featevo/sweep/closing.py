"""What a multirun leaves when it is over: its record, a table, a comparison and a page."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from featevo.errors import UserError
from featevo.page.write import write_report
from featevo.record.find import find_runs
from featevo.record.jobs import FINISHED
from featevo.record.sweep import Sweep
from featevo.sweep.table import print_jobs

log = logging.getLogger(__name__)


def close_sweep(sweep: Sweep, interrupted: bool) -> bool:
    """Write and print everything; what cannot be drawn is logged, as the jobs' own records have it all.

    Returns:
        Whether all jobs finished.
    """
    jobs = sweep.write(interrupted)
    console = Console()
    print_jobs(jobs, console)
    lines = {"Sweep folder": sweep.folder, **{path.stem.capitalize(): path for path in _drawn(sweep.folder)}}
    if (sweep.folder / "wandb").is_dir():
        lines["W&B"] = sweep.folder / "wandb"
    for what, path in lines.items():
        console.print(f"{what + ':':<14}{path}", soft_wrap=True, highlight=False, markup=False)
    whole = all(job.status == FINISHED for job in jobs)
    if not whole:
        console.print(
            f"Go on with what is missing: python -m featevo.train {shlex.quote(f'sweep.resume={sweep.folder}')}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
    return whole


def _drawn(folder: Path) -> Iterator[Path]:
    from featevo.figures.comparison import save_comparison  # imports matplotlib, needed only at a sweep's end

    try:
        found = find_runs([folder])
    except UserError:
        return
    try:
        yield save_comparison(found.title, found.runs, folder / "comparison.png")
    except Exception:
        log.exception("The comparison of %s could not be drawn", folder)
    try:
        yield write_report([folder])
    except Exception:
        log.exception("The page of %s could not be written", folder)
