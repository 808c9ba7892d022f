"""The status of a multirun's jobs from their files, also for jobs that were killed or did not run."""

import json
import os
import socket
import subprocess
import sys

import pytest

from featevo.errors import UserError
from featevo.record.jobs import read_jobs, status_of, write_job_folder


def put(folder, **run):
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(run))


def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_every_planned_job_has_a_state(tmp_path):
    metrics = {"val_acc": 0.5, "best_val_acc": 0.75, "best_epoch": 2, "epochs": 4}
    put(tmp_path / "0-seed-0", status="finished", metrics=metrics, seconds=12.5)
    put(tmp_path / "1-seed-1", status="failed", error="RuntimeError: no", seconds=1.0)
    put(tmp_path / "2-seed-2", status="running", process=gone(), host=socket.gethostname())
    put(tmp_path / "3-seed-3", status="running", process=os.getpid(), host=socket.gethostname())
    (tmp_path / "4-seed-4").mkdir()
    (tmp_path / "5-seed-5").mkdir()
    (tmp_path / "5-seed-5" / "run.json").write_text("")  # killed before it wrote anything
    jobs = read_jobs(tmp_path, [(f"seed={number}",) for number in range(6)])
    assert [job.status for job in jobs] == ["finished", "failed", "failed", "running", "missing", "failed"]
    first = jobs[0]
    assert (first.name, first.folder) == ("seed=0", tmp_path / "0-seed-0")
    assert (first.best, first.best_epoch, first.epochs, first.seconds) == (0.75, 2, 4, 12.5)
    assert jobs[1].error == "RuntimeError: no"
    assert jobs[2].error is not None
    assert jobs[2].error.startswith("killed: process ")


def test_a_jobs_folder_is_the_recorded_one(tmp_path):
    put(tmp_path / "anywhere" / "else", status="finished")
    write_job_folder(tmp_path, 1, tmp_path / "anywhere" / "else")
    assert [job.status for job in read_jobs(tmp_path, [(), ()])] == ["missing", "finished"]
    (tmp_path / "anywhere").rename(tmp_path / "aside")
    assert [job.status for job in read_jobs(tmp_path, [(), ()])] == ["missing", "missing"]


def test_two_jobs_cannot_have_one_folder(tmp_path):
    write_job_folder(tmp_path, 0, tmp_path / "same")
    write_job_folder(tmp_path, 0, tmp_path / "same")
    with pytest.raises(UserError, match=r"jobs 0 and 1 have the same folder .*same; hydra.sweep.subdir must differ"):
        write_job_folder(tmp_path, 1, tmp_path / "same")


def test_job_ten_is_not_job_one(tmp_path):
    put(tmp_path / "10-seed-10", status="finished")
    assert [job.status for job in read_jobs(tmp_path, [()] * 11)] == ["missing"] * 10 + ["finished"]


def test_a_process_of_another_machine_counts_as_running():
    run = {"status": "running", "process": gone(), "host": "another"}
    assert status_of(run) == ("running", None)


def test_a_run_file_with_wrong_values_is_not_a_running_job(tmp_path):
    here = socket.gethostname()
    assert status_of({"status": "running", "process": "abc", "host": here})[0] == "failed"
    assert status_of({"status": "running", "process": 2**70, "host": here})[0] == "failed"
    put(tmp_path / "0-seed-0", status="finished", metrics="none")
    (job,) = read_jobs(tmp_path, [()])
    assert (job.status, job.best) == ("finished", None)
    metrics = {"best_val_acc": "high", "best_epoch": [], "epochs": 3}
    (tmp_path / "0-seed-0" / "run.json").write_text(json.dumps({"status": 7, "error": 8, "metrics": metrics}))
    (job,) = read_jobs(tmp_path, [()])
    assert (job.status, job.error, job.best, job.best_epoch, job.epochs) == ("7", "8", None, None, 3)
