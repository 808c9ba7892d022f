"""The end of a command: one line and exit code 2 for a mistake, a traceback and exit code 1 for a failure."""

from __future__ import annotations

import difflib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from featevo.app.this_job import is_main_process, multirun_folder, requeued
from featevo.errors import DONE, FAILED, MISTAKE, TERMINATED, UserError, is_read
from featevo.record.files import is_of_disk
from featevo.record.runfile import holds_run, interruption

OUTCOME = "featevo.outcome"
"""Name of the logger that writes into the run's log alone; see `featevo.app.schemas.JOB_LOGGING`."""

SILENCE = {
    "version": 1,
    "handlers": {"null": {"class": "logging.NullHandler"}},
    "root": {"handlers": ["null"]},
    "disable_existing_loggers": False,
}
"""Logging of processes other than the main one."""

log = logging.getLogger(OUTCOME)


def run_hydra_command(main: Callable[[], None]) -> int:
    """Run a `hydra.main` function; returns the exit code.

    Hydra prints its errors over several lines and exits with 1; with HYDRA_FULL_ERROR it raises them. If the user sets
    `HYDRA_FULL_ERROR=1`, mistakes are shown with their traceback.
    """
    wants_tracebacks = os.environ.get("HYDRA_FULL_ERROR", "0") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        main()
        sys.stdout.flush()
    except (UserError, HydraException, OmegaConfBaseException) as error:
        if wants_tracebacks:
            traceback.print_exc()
        print(f"Error: {explain(error)}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        return FAILED
    except SystemExit as end:
        if interruption(end) == "SIGTERM":  # with an exit code of its own
            return TERMINATED
        return end.code if isinstance(end.code, int) else FAILED if end.code else DONE
    except BrokenPipeError:
        if is_read():
            traceback.print_exc()
        return FAILED
    except Exception as error:
        if not wants_tracebacks and is_of_disk(error):
            print(f"Error: {error}", file=sys.stderr)
            return FAILED
        if not wants_tracebacks and _while_composing(error):
            print(f"Error: {explain(error)}", file=sys.stderr)
            return MISTAKE
        traceback.print_exc()
        return FAILED
    return DONE


def _while_composing(error: Exception) -> bool:
    """Whether Hydra raised it for an override: for some, as `data=nan`, it raises no error of its own kind."""
    return bool(
        {"load_configuration", "parse_overrides"} & {call.name for call in traceback.extract_tb(error.__traceback__)}
    )


@contextmanager
def run_ends_clearly(folder: Path) -> Iterator[None]:
    """Within a Hydra job: print one line for a mistake or an interruption, and log why the run ended.

    After a mistake in one job of a multirun its other jobs go on; an interruption ends them all.
    """
    try:
        yield
    except UserError as error:
        log.error("%s", error)
        if multirun_folder() is not None:
            raise
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(MISTAKE) from error
    except BaseException as error:
        signal = interruption(error)
        if signal is None:
            log.error("The run failed: %s", error, exc_info=not is_of_disk(error))
            raise
        log.warning("Interrupted by %s", signal)
        print(f"Interrupted; the record is in {folder}", file=sys.stderr)
        if signal == "submitit":  # which needs its own exit code
            raise
        raise SystemExit(TERMINATED if signal == "SIGTERM" else FAILED) from error


class FreshFolder(Callback):
    """Stops a command before Hydra writes into a folder that has a run or is not writable."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """A single run: its folder must have no run and be writable. Only the main process writes there."""
        folder = Path(config.hydra.run.dir)
        if "resume" in config and holds_run(folder) and requeued():
            with read_write(config), open_dict(config):
                config.resume = str(folder)
        if not is_main_process():
            with read_write(config), open_dict(config):
                config.hydra.output_subdir = None
                config.hydra.job_logging = SILENCE
            return
        if "resume" in config and config.resume is not None:
            _prepare_resume(config, folder)
        elif holds_run(folder):
            stop(f"{folder} already holds a run; choose another hydra.run.dir")
        _check_writable(folder, "hydra.run.dir")

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """A multirun: its folder must be writable; the folders of jobs are checked by the jobs."""
        if "resume" in config and config.resume is not None:
            stop("resume=RUN_FOLDER continues one run; for a sweep there is sweep.resume=SWEEP_FOLDER")
        _check_writable(Path(config.hydra.sweep.dir), "hydra.sweep.dir")


def _prepare_resume(config: DictConfig, folder: Path) -> None:
    """Let Hydra write nothing into the folder except the log: it has the run's own configuration."""
    if not holds_run(folder):
        stop(f"resume={folder}: is not a run folder; run.json was looked for there and not found")
    if folder != Path(config.resume):
        stop(f"resume={config.resume}: the run stays in its folder; leave out hydra.run.dir")
    with read_write(config), open_dict(config):
        config.hydra.output_subdir = None


def _check_writable(folder: Path, key: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        stop(f"{key}={folder}: this folder cannot be made ({error.strerror}); choose another")
    if not os.access(folder, os.W_OK):
        stop(f"{key}={folder}: nothing can be written there; choose another")


def stop(message: str) -> None:
    """End the command with a mistake, from within a callback of Hydra's."""
    # Hydra only warns of other exceptions of a callback.
    print(f"Error: {message}", file=sys.stderr)
    raise SystemExit(MISTAKE)


def explain(error: BaseException) -> str:
    """One line about an error; for an unknown name, with the known names."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UserError):
            return str(cause)
        if isinstance(cause, OmegaConfBaseException):
            return _explain_key(cause)
        cause = cause.__cause__
    line = " ".join(str(error).partition("Config search path")[0].split())
    if "'hydra/launcher/" in line:  # launchers are extras
        name = line.partition("'hydra/launcher/")[2].partition("'")[0]
        extra = "joblib" if "joblib" in name else "slurm"
        return f"launcher: {name} is not installed; pip install 'featevo[{extra}]'"
    return line


def _explain_key(error: OmegaConfBaseException) -> str:
    message = (error.msg or str(error)).split("\n")[0]
    parent = error.parent_node
    names = [str(name) for name in parent if name != "hydra"] if parent is not None and hasattr(parent, "keys") else []
    if error.key is not None and names and str(error.key) not in names:
        section = str(error.full_key or error.key).rpartition(".")[0]
        where = f" in {section}" if section else ""
        near = difflib.get_close_matches(str(error.key), names, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"{error.full_key}: there is no such key{where}{hint}; there are {', '.join(names)}"
    return f"{error.full_key}: {message}" if error.full_key else message
