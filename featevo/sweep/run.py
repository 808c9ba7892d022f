"""A command that may be a multirun: what is done around Hydra so that a sweep is one thing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from featevo.app.exit import run_hydra_command, stop
from featevo.errors import FAILED, MISTAKE, UserError
from featevo.record.sweep import FILE, Sweep, read_sweep
from featevo.sweep.closing import close_sweep
from featevo.sweep.control import end_jobs_first, take
from featevo.sweep.plan import planned
from featevo.sweep.resume import resumed
from featevo.sweep.watch import Watch
from featevo.tracking.wandb_run import resolved_mode

BASIC = "BasicSweeper"
"""The sweeper whose jobs are known beforehand."""


@dataclass
class _State:
    """The multirun of this process, if it is one: Hydra calls `SweepStart` somewhere inside `run_command`."""

    sweep: Sweep | None = None
    watch: Watch | None = None
    resuming: Path | None = None
    lock: TextIO | None = None


_state = _State()


class SweepStart(Callback):
    """Opens the record of a multirun before its first job."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Refuse a folder with another sweep, find out once whether W&B is online, and begin to watch."""
        if not config.hydra.sweeper._target_.endswith(BASIC):
            return
        folder = Path(config.hydra.sweep.dir)
        try:
            _state.sweep = _opened(folder, planned(config))
            if config.logger.name == "wandb":
                os.environ["WANDB_MODE"] = resolved_mode(config.logger.tracker.mode)
        except UserError as error:
            stop(str(error))
        assert _state.sweep is not None
        if "joblib" in config.hydra.launcher._target_:
            end_jobs_first(folder, _state.sweep.has_running)
        _state.watch = Watch(_state.sweep, lambda line: print(line, flush=True))


def _opened(folder: Path, plan: list[tuple[str, ...]]) -> Sweep:
    if (folder / FILE).exists():
        if _state.resuming is None:
            raise UserError(
                f"{folder} already holds a sweep; go on with it by sweep.resume={folder}, "
                "or choose another hydra.sweep.dir"
            )
        if read_sweep(folder).plan != plan:
            raise UserError(f"sweep.resume={folder}: what is given besides changes its jobs; give no other values")
    _state.lock = take(folder)
    sweep = Sweep(folder, [word for word in sys.argv[1:] if not word.startswith("hydra.sweep.dir=")], plan)
    sweep.write(over=False)
    return sweep


def run_command(main: Callable[[], None]) -> int:
    """Run a `hydra.main` function as a single run or a multirun, which it may be asked to go on with.

    Returns:
        The exit code; of a multirun 0 only if all its jobs finished.
    """
    try:
        sys.argv[1:], _state.resuming = resumed(sys.argv[1:])
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return MISTAKE
    problem: list[BaseException] = []

    def noting() -> None:
        try:
            main()
        except BaseException as error:
            problem.append(error)
            if _state.sweep is None or not _is_the_launchers(error):
                raise

    code = run_hydra_command(noting)
    sweep = _state.sweep
    if sweep is None:
        return code
    if problem and _is_the_launchers(problem[0]):
        print(f"The launcher failed: {' '.join(str(problem[0]).split())[:300]}", file=sys.stderr)
        while sweep.has_running():
            time.sleep(1)  # what it has started goes on by itself
    if _state.watch is not None:
        _state.watch.stop()
    if code == MISTAKE and all(job.folder is None for job in sweep.jobs()):  # Hydra found it before any job began
        (sweep.folder / FILE).unlink()
        return code
    whole = close_sweep(sweep, interrupted=bool(problem) and not isinstance(problem[0], Exception))
    return code or (0 if whole else FAILED)


def _is_the_launchers(error: BaseException) -> bool:
    """Whether an engine gave up, rather than the user, or the configuration before any job."""
    return isinstance(error, Exception) and not isinstance(error, UserError | HydraException | OmegaConfBaseException)
