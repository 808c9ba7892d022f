"""`sweep.resume=FOLDER`: repeat a multirun; only missing and unfinished jobs run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from featevo.app.trust import TRUST
from featevo.errors import UserError
from featevo.record.jobs import FINISHED, status_of
from featevo.record.reading import read_run
from featevo.record.safe import check_links
from featevo.record.sweep import Sweep, read_sweep
from featevo.sweep.attempts import has_checkpoint, record_killed, set_aside
from featevo.sweep.control import take
from featevo.sweep.recorded_command import printed, to_repeat
from featevo.sweep.running_jobs import end_running

KEY, FORCE = "sweep.resume=", "sweep.force="
TRUTH = {"true": True, "false": False}


def resumed(arguments: Sequence[str]) -> tuple[list[str], TextIO | None]:
    """The arguments of the multirun to resume, and its lock; without `sweep.resume` the same arguments and None.

    Other arguments, such as another launcher, are added. Jobs that were interrupted go on from their last checkpoint;
    folders of jobs without one are set aside. `sweep.force=true` is for jobs that may still run; see `end_running`. The
    command in the folder may be somebody else's: the words of `to_repeat` are used only if the user gives them, too.

    Raises:
        UserError: The folder has no sweep, another command works on it, its jobs still run, an argument would change
            them, or a word of the command must be repeated.
    """
    given = [word for word in arguments if word.startswith(KEY)]
    forced = [word for word in arguments if word.startswith(FORCE)]
    if not given:
        if forced:
            raise UserError(f"{forced[0]}: only with {KEY}FOLDER")
        return list(arguments), None
    force = forced[-1].removeprefix(FORCE) if forced else "false"
    if force not in TRUTH:
        raise UserError(f"{FORCE}{force}: must be true or false")
    folder = Path(given[-1].removeprefix(KEY))
    trusted = TRUST in arguments
    sweep = read_sweep(folder)
    added = [word for word in arguments if not word.startswith((KEY, FORCE)) and word != TRUST]
    for word in added:
        if not word.startswith(("launcher=", "hydra.")) and word not in sweep.command:
            raise UserError(
                f"{word}: would change the jobs of the sweep; "
                f"{KEY}FOLDER allows only launcher=, hydra.* and {FORCE}true"
            )
    if not trusted:
        check_links(folder)
        needed = to_repeat(sweep.command)
        if any(word not in added for word in needed):
            raise UserError(
                f"{given[-1]}: its command has arguments that may run any code: {printed(needed)}; "
                f"repeat them, or add {TRUST} if you trust the folder"
            )
    # Before anything is read or moved: another command may be working on the jobs.
    lock = take(folder, TRUTH[force])
    try:
        end_running(sweep, TRUTH[force])
        _set_unfinished_aside(sweep)
    except BaseException:
        lock.close()
        raise
    command = [*sweep.command, *(word for word in added if word not in sweep.command)]
    print(f"Resuming: python -m featevo.train {printed(command)}", flush=True)
    return [*command, f"hydra.sweep.dir={_quoted(folder)}"], lock


def _quoted(folder: Path) -> str:
    """A path as a value for Hydra."""
    return "'" + str(folder).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _set_unfinished_aside(sweep: Sweep) -> None:
    for job in sweep.jobs():
        if job.folder is None or job.status == FINISHED:
            continue
        run = read_run(job.folder)
        if run.get("status") == "running":
            record_killed(job.folder, status_of(run)[1] or "taken as killed by sweep.force=true", sweep.folder)
        if not has_checkpoint(job.folder):
            set_aside(job.folder)
