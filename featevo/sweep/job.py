"""One job of a multirun in its own process, so that a job that fails or is killed does not affect the others.

`python -m featevo.sweep.job FILE PARENT` is that process. FILE is the job's configuration with every interpolation
resolved, because `${now:...}` and similar ones can be resolved only in the process that composed it. PARENT is the
number of the process that started it.
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
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import configure_log
from omegaconf import DictConfig, OmegaConf, open_dict

from featevo.app.exit import OUTCOME, SILENCE, explain, run_ends_clearly, run_hydra_command
from featevo.app.this_job import has_own_process, is_main_process, requeued, run_folder
from featevo.errors import FAILED as EXIT_FAILED
from featevo.errors import UserError
from featevo.record.files import write_text
from featevo.record.jobs import ENDED, FINISHED, JOBS, write_job_folder
from featevo.record.liveness import is_alive
from featevo.record.reading import read_run
from featevo.sweep.attempts import has_checkpoint, record_killed, set_aside
from featevo.sweep.control import is_orphan, may_begin, must_end
from featevo.sweep.gpus import own_gpu, visible_gpus

POLL = 1.0
"""Interval at which a job checks whether the multirun must end, in seconds."""

LINES = 200
"""Last lines of a job's standard error that are searched for the reason of its end."""

log = logging.getLogger(OUTCOME)


def run_job(cfg: DictConfig) -> float:
    """Run a job unless it has finished before; only interruptions are raised, because a failure is recorded.

    Returns:
        The best value of the monitored metric, NaN where there is none.
    """
    folder = run_folder(cfg)
    hydra = HydraConfig.get()
    study = Path(hydra.sweep.dir)
    write_job_folder(study, hydra.job.num, folder)
    if read_run(folder).get("status") != FINISHED and may_begin(study):
        try:
            earlier = _earlier_attempt(folder)
            if earlier is not None:
                # Hydra has just written the job's own configuration into the folder, so it may be trusted.
                with open_dict(cfg):
                    cfg.resume, cfg.trust, cfg.force = str(earlier), True, True
            if has_own_process():
                one_each = cfg.trainer.accelerator != "cpu" and cfg.trainer.devices in (1, "1", "auto")
                gpus = visible_gpus() if "joblib" in hydra.launcher._target_ and one_each else []
                file = _write_config(cfg, study)
                with own_gpu(study, gpus) as environment:
                    _run_process(file, folder, study, environment)
            else:
                # Here, as the process of a multirun, which starts those of its jobs, need not import it.
                from featevo.app.training import train

                with run_ends_clearly(folder):
                    train(cfg)
        except Exception as error:
            _record_failure(folder, explain(error), os.getpid())
    run = read_run(folder)
    best = (run.get("metrics") or {}).get(f"best_{cfg.evolution.monitor}")
    return math.nan if best is None or run.get("status") != FINISHED else float(best)


def _earlier_attempt(folder: Path) -> Path | None:
    """The unfinished run that a job goes on with; an attempt without a checkpoint is set aside.

    Raises:
        UserError: The earlier attempt may still run.
    """
    if not (folder / "run.json").exists():
        return None
    run = read_run(folder)
    alive = is_alive(run)
    # On another machine only the cluster knows that the earlier attempt has ended.
    if run.get("status") not in ENDED and (alive or (alive is None and not requeued())):
        raise UserError(f"{folder}: the job is running already, as process {run.get('process')} on {run.get('host')}")
    if has_checkpoint(folder):
        log.warning("Goes on with its earlier attempt")
        return folder
    earlier = set_aside(folder)
    folder.mkdir()
    for kept in (earlier / ".hydra", *earlier.glob("*.log")):  # Hydra has begun to write them for this attempt
        kept.rename(folder / kept.name)
    log.warning("Started again; the earlier attempt is in %s", earlier)
    return None


def _write_config(cfg: DictConfig, study: Path) -> Path:
    hydra = HydraConfig.get()
    file = study / JOBS / f"{hydra.job.num}.yaml"
    # Resolved separately, because Hydra's configuration refers to keys at the root of the job's.
    whole = {name: OmegaConf.to_container(part, resolve=True) for name, part in {"hydra": hydra, "job": cfg}.items()}
    write_text(file, OmegaConf.to_yaml(OmegaConf.create(whole)))
    return file


def _run_process(file: Path, folder: Path, study: Path, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, str(file), str(os.getpid())],
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
        process.wait()  # Ctrl+C reaches it, too; it records its own end
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
    if is_orphan():  # the command that resumes the multirun records it
        return
    if process.returncode < 0:
        _record_failure(folder, f"killed by {signal.Signals(-process.returncode).name}", process.pid)
    elif process.returncode:
        reader.join(POLL)  # with a limit, because a child that outlives it may keep the pipe open
        reason = last_exception(list(lines)) or f"its process ended with exit code {process.returncode}"
        _record_failure(folder, reason, process.pid)


def last_exception(lines: Iterable[str]) -> str | None:
    """The last exception or `Error: ...` in the lines of a process's standard error; None where there is neither."""
    found, in_traceback = None, False
    for line in lines:
        if line.startswith("Traceback (most recent call last):"):
            in_traceback = True
        elif in_traceback and line.strip() and not line.startswith(" "):
            found, in_traceback = line.strip(), False
        elif line.startswith("Error: "):
            found = line.removeprefix("Error: ").strip()
    return found


def _record_failure(folder: Path, error: str, process: int) -> None:
    """Record a failure of the run of `process`, unless the run has recorded its end itself."""
    run = read_run(folder)
    if run.get("status") in ENDED or run.get("process", process) != process:
        return
    log.error("%s", error)
    record_killed(folder, error, Path(HydraConfig.get().sweep.dir))


def main(file: str, parent: int) -> None:
    """Run the job whose configuration `run_job` wrote to this file, unless its process `parent` is gone."""
    # Without a record yet, the command that resumes the multirun would not know of this process. Lightning's further
    # processes have another parent.
    if is_main_process() and os.getppid() != parent:
        raise SystemExit(EXIT_FAILED)
    content = OmegaConf.load(file)
    assert isinstance(content, DictConfig)
    typed = OmegaConf.structured(HydraConf)
    with open_dict(typed):
        typed.merge_with(content.hydra)
        # Lightning passes this folder to its further processes.
        typed.run.dir = typed.runtime.output_dir
    whole = OmegaConf.create({"hydra": typed})
    HydraConfig.instance().set_config(whole)
    # Lightning runs this command again for each further process of a job on several devices.
    logs = whole.hydra.job_logging if is_main_process() else OmegaConf.create(SILENCE)
    configure_log(logs, whole.hydra.verbose)
    # Before the run begins and records its own end: the multirun reads an error of an import from standard error.
    from featevo.app.training import train

    try:
        with run_ends_clearly(run_folder(content.job)):
            train(content.job)
    except Exception as error:  # already in the record, the log and the sweep's table
        raise SystemExit(EXIT_FAILED) from error


if __name__ == "__main__":
    sys.exit(run_hydra_command(lambda: main(sys.argv[1], int(sys.argv[2]))))
