"""Run a command that may be a multirun; adds to Hydra one record, one status and one result for all jobs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from featevo.app.exit import run_hydra_command, stop
from featevo.errors import FAILED, MISTAKE, UserError
from featevo.record.sweep import FILE, Sweep, read_sweep
from featevo.sweep.control import clear_stop, end_jobs_first, take
from featevo.sweep.planned_jobs import planned
from featevo.sweep.resume import resumed
from featevo.sweep.shipped import with_shipped_sweeps
from featevo.sweep.sweep_end import close_sweep
from featevo.sweep.watch import Watch


@dataclass
class _State:
    """The multirun of this process, if there is one; shared with `SweepStart`, which Hydra calls."""

    command: list[str] = field(default_factory=list)
    sweep: Sweep | None = None
    watch: Watch | None = None
    lock: TextIO | None = None
    problem: BaseException | None = None


_state = _State()


class SweepStart(Callback):
    """Opens the record of a multirun before its first job."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Refuse a folder with another sweep, decide once whether W&B is online, and start the live status."""
        if not config.hydra.sweeper._target_.endswith("BasicSweeper"):  # other sweepers choose jobs later
            return
        folder = Path(config.hydra.sweep.dir)
        try:
            _state.sweep = _opened(folder, planned(config))
            if config.logger.name == "wandb":
                from featevo.tracking.wandb_run import resolved_mode  # takes seconds, so only for this logger

                os.environ["WANDB_MODE"] = resolved_mode(config.logger.tracker.mode)
        except UserError as error:
            stop(str(error))
        assert _state.sweep is not None
        if "joblib" in config.hydra.launcher._target_:
            end_jobs_first(folder, _state.sweep.has_running)
        _state.watch = Watch(_state.sweep, lambda line: print(line, flush=True))


def _opened(folder: Path, plan: list[tuple[str, ...]]) -> Sweep:
    if (folder / FILE).exists():
        if _state.lock is None:  # not resumed
            raise UserError(
                f"{folder} already holds a sweep; resume it by sweep.resume={folder}, or choose another hydra.sweep.dir"
            )
        if read_sweep(folder).plan != plan:
            raise UserError(f"sweep.resume={folder}: the other arguments change its jobs; remove them")
    _state.lock = _state.lock or take(folder)
    clear_stop(folder)
    sweep = Sweep(folder, [word for word in _state.command if not word.startswith("hydra.sweep.dir=")], plan)
    sweep.write(over=False)
    return sweep


def run_command(main: Callable[[], None]) -> int:
    """Run a `hydra.main` function as a single run, a new multirun or a resumed multirun.

    Returns:
        The exit code; for a multirun 0 only if all jobs finished.
    """
    try:
        _state.command, _state.lock = resumed(sys.argv[1:])
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return MISTAKE
    # The record keeps the words as given: they mean the same on another machine, where featevo lies elsewhere.
    sys.argv[1:] = with_shipped_sweeps(_state.command)

    def note_problem() -> None:
        try:
            main()
        except BaseException as error:
            _state.problem = error
            if _state.sweep is None or not _is_from_launcher(error):
                raise

    code = run_hydra_command(note_problem)
    sweep, problem = _state.sweep, _state.problem
    if sweep is None:
        return code
    if _is_from_launcher(problem):
        print(f"The launcher failed: {' '.join(str(problem).split())[:300]}", file=sys.stderr)
        while sweep.has_running():  # its jobs continue by themselves
            time.sleep(1)
    if _state.watch is not None:
        _state.watch.stop()
    if code == MISTAKE and all(job.folder is None for job in sweep.jobs()):  # found before any job began
        (sweep.folder / FILE).unlink()
        return code
    whole = close_sweep(sweep, interrupted=problem is not None and not isinstance(problem, Exception))
    return code or (0 if whole else FAILED)


def _is_from_launcher(error: BaseException | None) -> bool:
    """Whether the launcher failed, not the configuration; interruptions are not errors."""
    return isinstance(error, Exception) and not isinstance(error, UserError | HydraException | OmegaConfBaseException)
