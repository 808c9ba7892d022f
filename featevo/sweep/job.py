"""One job of a multirun, in a process of its own: a job that fails or is killed does not affect the others.

`python -m featevo.sweep.job FILE` is that process. The file is the job's configuration with every interpolation
resolved: `${now:...}` and the like can be resolved only in the process that composed it.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import configure_log
from omegaconf import DictConfig, OmegaConf, open_dict

from featevo.app.exit import OUTCOME, SILENCE, explain, run_ends_clearly, run_hydra_command
from featevo.app.job import has_own_process, is_main_process, multirun_folder, run_folder
from featevo.errors import FAILED as EXIT_FAILED
from featevo.record.files import write_json, write_text
from featevo.record.jobs import ENDED, FAILED, FINISHED, JOBS, write_job_folder
from featevo.record.reading import read_run
from featevo.sweep.control import may_begin, must_end
from featevo.sweep.gpus import own_gpu, visible_gpus
from featevo.tracking.wandb_run import mark_failed

Train = Callable[[DictConfig], dict[str, float]]

POLL = 1.0
"""Seconds between two looks at whether the multirun is to end."""

LINES = 200
"""Of a job's standard error, kept to say why its process ended."""

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
    write_job_folder(study, hydra.job.num, folder)
    if read_run(folder).get("status") not in ENDED and may_begin(study):
        try:
            if has_own_process():
                one_each = cfg.trainer.accelerator != "cpu" and cfg.trainer.devices in (1, "1", "auto")
                gpus = visible_gpus() if "joblib" in hydra.launcher._target_ and one_each else []
                file = _hand_over(cfg, study)
                with own_gpu(study, gpus) as environment:
                    _run_apart(file, folder, study, environment)
            else:
                with run_ends_clearly(folder):
                    train(cfg)
        except Exception as error:
            _put_down(folder, explain(error), os.getpid())
    run = read_run(folder)
    best = (run.get("metrics") or {}).get(f"best_{cfg.evolution.monitor}")
    return math.nan if best is None or run.get("status") != FINISHED else float(best)


def _hand_over(cfg: DictConfig, study: Path) -> Path:
    """Write the job's configuration and Hydra's, both resolved here, where all resolvers and their values are."""
    hydra = HydraConfig.get()
    file = study / JOBS / f"{hydra.job.num}.yaml"
    # Each by itself: Hydra's configuration refers to keys of the whole, of which the job's is a part.
    whole = {name: OmegaConf.to_container(part, resolve=True) for name, part in {"hydra": hydra, "job": cfg}.items()}
    write_text(file, OmegaConf.to_yaml(OmegaConf.create(whole)))
    return file


def _run_apart(file: Path, folder: Path, study: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", __spec__.name, str(file)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        encoding="utf-8",
        errors="replace",
    )
    lines: deque[str] = deque(maxlen=LINES)

    def forward() -> None:
        for line in process.stderr or ():
            lines.append(line)
            sys.stderr.write(line)

    reader = threading.Thread(target=forward, daemon=True)
    reader.start()

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
        reader.join(POLL)  # a process of its own that outlives it may keep the pipe open
        reason = last_exception(list(lines)) or f"its process ended with exit code {process.returncode}"
        _put_down(folder, reason, process.pid)


def last_exception(lines: Iterable[str]) -> str | None:
    """The last exception that a process printed, or its last line `Error: ...`; None where there is neither.

    Args:
        lines: Of its standard error.
    """
    found, in_traceback = None, False
    for line in lines:
        if line.startswith("Traceback (most recent call last):"):
            in_traceback = True
        elif in_traceback and line.strip() and not line.startswith(" "):
            found, in_traceback = line.strip(), False
        elif line.startswith("Error: "):
            found = line.removeprefix("Error: ").strip()
    return found


def _put_down(folder: Path, error: str, process: int) -> None:
    """Put a failure on record that the run itself, of this process, could not."""
    run = read_run(folder)
    if run.get("status") in ENDED or run.get("process", process) != process:
        return
    write_json(folder / "run.json", {"schema": 1, **run, "status": FAILED, "error": error})
    log.error("%s", error)
    if run.get("wandb"):
        mark_failed(folder, run["wandb"], multirun_folder())


def main(file: str) -> None:
    """Run the job whose configuration `run_job` wrote to this file."""
    from featevo.app.run import train  # not above: its command runs jobs

    content = OmegaConf.load(file)
    assert isinstance(content, DictConfig)
    typed = OmegaConf.structured(HydraConf)
    with open_dict(typed):
        typed.merge_with(content.hydra)
        # Lightning passes it on to further processes, for which the folder of a single run has no meaning.
        typed.run.dir = typed.runtime.output_dir
    whole = OmegaConf.create({"hydra": typed})
    HydraConfig.instance().set_config(whole)
    # Lightning starts this command again for each further process of a job on several devices.
    logging_of_it = whole.hydra.job_logging if is_main_process() else OmegaConf.create(SILENCE)
    configure_log(logging_of_it, whole.hydra.verbose)
    try:
        with run_ends_clearly(run_folder(content.job)):
            train(content.job)
    except Exception as error:  # the record says why, its log has the traceback, and the sweep's table shows it
        raise SystemExit(EXIT_FAILED) from error


if __name__ == "__main__":
    sys.exit(run_hydra_command(lambda: main(sys.argv[1])))
