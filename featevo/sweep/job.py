"""One job of a multirun, in a process of its own: what it does, or dies of, cannot reach the others.

`python -m featevo.sweep.job FOLDER` is that process. It reads what Hydra left in the job's folder, `.hydra/`.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import configure_log
from omegaconf import DictConfig, OmegaConf, open_dict

from featevo.command import FAILED as EXIT_FAILED
from featevo.command import OUTCOME, SILENCE, run_ends_clearly, run_hydra_command
from featevo.evolve.wandb_run import mark_failed
from featevo.job import has_own_process, is_main_process, run_folder
from featevo.record.files import write_json
from featevo.record.reading import read_run
from featevo.sweep.control import may_begin, must_end
from featevo.sweep.gpus import own_gpu, visible_gpus
from featevo.sweep.jobs import ENDED, FAILED, FINISHED, note_folder

Train = Callable[[DictConfig], dict[str, float]]

POLL = 1.0
"""Seconds between two looks at whether the multirun is to end."""

log = logging.getLogger(OUTCOME)


def run_job(cfg: DictConfig, train: Train) -> float:
    """Run a job unless it has ended before; its record says how it ended, so nothing is raised but interruptions.

    Args:
        cfg: The job's configuration.
        train: Does the run, where the launcher has given this job a process.

    Returns:
        The best value of the monitored metric, NaN where there is none.
    """
    folder = run_folder(cfg)
    hydra = HydraConfig.get()
    study = Path(hydra.sweep.dir)
    note_folder(study, hydra.job.num, folder)
    if read_run(folder).get("status") not in ENDED and may_begin(study):
        if not has_own_process():
            _run_here(cfg, folder, train)
        elif hydra.output_subdir is None:
            _put_down(folder, "hydra.output_subdir=null: a job reads its configuration there", os.getpid())
        else:
            one_each = cfg.trainer.accelerator != "cpu" and cfg.trainer.devices in (1, "1", "auto")
            gpus = visible_gpus() if "joblib" in hydra.launcher._target_ and one_each else []
            with own_gpu(study, gpus) as environment:
                _run_apart(folder, study, environment)
    run = read_run(folder)
    best = (run.get("metrics") or {}).get(f"best_{cfg.evolution.monitor}")
    return math.nan if best is None or run.get("status") != FINISHED else float(best)


def _run_here(cfg: DictConfig, folder: Path, train: Train) -> None:
    try:
        with run_ends_clearly(folder):
            train(cfg)
    except Exception as error:
        _put_down(folder, " ".join(str(error).split()), os.getpid())


def _run_apart(folder: Path, study: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", __spec__.name, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env={**os.environ, **environment})

    def terminate(number: int, frame: Any) -> None:
        process.terminate()
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        while not must_end(study):
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL)
                break
        else:
            process.terminate()
            process.wait()
    except BaseException:
        process.wait()  # Ctrl+C reaches it, too; it puts its own end on record
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
    if process.returncode < 0:
        _put_down(folder, f"killed by {signal.Signals(-process.returncode).name}", process.pid)
    elif process.returncode:
        _put_down(folder, f"its process ended with exit code {process.returncode}", process.pid)


def _put_down(folder: Path, error: str, process: int) -> None:
    """Put a failure on record that the run itself, of this process, could not."""
    run = read_run(folder)
    if run.get("status") in ENDED or run.get("process", process) != process:
        return
    write_json(folder / "run.json", {"schema": 1, **run, "status": FAILED, "error": error})
    log.error("%s", error)
    if run.get("wandb"):
        mark_failed(folder, run["wandb"])


def main(folder: str) -> None:
    """Be the job of this folder."""
    from featevo.train import train  # not above: its command runs jobs

    typed = OmegaConf.structured(HydraConf)
    with open_dict(typed):
        typed.merge_with(OmegaConf.load(Path(folder) / ".hydra" / "hydra.yaml").hydra)
        # Lightning hands it to further processes, to which the time of a single run means nothing.
        typed.run.dir = folder
    whole = OmegaConf.create({"hydra": typed})
    HydraConfig.instance().set_config(whole)
    # Lightning starts this command again for each further process of a job on several devices.
    logging_of_it = whole.hydra.job_logging if is_main_process() else OmegaConf.create(SILENCE)
    configure_log(logging_of_it, whole.hydra.verbose)
    cfg = OmegaConf.load(Path(folder) / ".hydra" / "config.yaml")
    assert isinstance(cfg, DictConfig)
    try:
        with run_ends_clearly(run_folder(cfg)):
            train(cfg)
    except Exception as error:  # the record says why, its log has the traceback, and the sweep tells the user
        raise SystemExit(EXIT_FAILED) from error


if __name__ == "__main__":
    sys.exit(run_hydra_command(lambda: main(sys.argv[1])))
