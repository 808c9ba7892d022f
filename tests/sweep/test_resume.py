"""Resuming a multirun, also after its command was killed, on another machine, and beside another command."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from featevo.errors import UserError
from featevo.record.jobs import JOBS
from featevo.record.liveness import identity, is_alive
from featevo.sweep import running_jobs
from featevo.sweep.control import STOP, must_end, take
from featevo.sweep.resume import resumed

JOB = """
import json, signal, sys, time
from pathlib import Path
from featevo.record.liveness import identity
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
folder = Path(sys.argv[1])
folder.joinpath("run.json").write_text(json.dumps({"status": "running", **identity()}))
time.sleep(300)
"""

COMMAND = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
time.sleep(300)
"""


def resume(sweep, *more):
    """The arguments of the resumed multirun, whose lock is released."""
    arguments, lock = resumed([f"sweep.resume={sweep.folder}", *more])
    assert lock
    lock.close()
    return arguments


def state(folder):
    return json.loads((folder / "run.json").read_text())


@pytest.fixture
def orphan(sweep, request):
    """Job 2 goes on in a process whose parent was killed; its number. With "stubborn" it ignores SIGTERM."""
    sweep.write()
    (sweep.folder / "2-seed-2" / "run.json").unlink()
    kind = getattr(request, "param", "ordinary")
    parent = subprocess.Popen([sys.executable, "-c", COMMAND, JOB, sweep.folder / "2-seed-2", kind])
    until = time.monotonic() + 60
    while not (path := sweep.folder / "2-seed-2" / "run.json").exists() or not path.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    process = state(sweep.folder / "2-seed-2")["process"]
    yield process
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def running(sweep, **values):
    """Job 2 is recorded as running by this process, but for these values."""
    sweep.write()
    run = {"status": "running", "started": "1999-01-01T00:00:00+00:00", **identity(), **values}
    (sweep.folder / "2-seed-2" / "run.json").write_text(json.dumps(run))


def test_resuming_repeats_the_command_and_moves_unfinished_folders_aside(sweep):
    sweep.write()
    arguments = resume(sweep, "launcher=joblib")
    assert arguments == ["--multirun", "seed=0,1,2,3", "launcher=joblib", f"hydra.sweep.dir='{sweep.folder}'"]
    assert not (sweep.folder / "2-seed-2").exists()
    assert (sweep.folder / ".unfinished" / "2-seed-2-1" / "run.json").is_file()
    assert (sweep.folder / "0-seed-0").is_dir()
    (sweep.folder / "2-seed-2").mkdir()
    (sweep.folder / "2-seed-2" / "run.json").write_text("{}")
    resume(sweep)
    assert (sweep.folder / ".unfinished" / "2-seed-2-2").is_dir()


def test_other_commands_are_not_changed():
    assert resumed(["seed=1", "--multirun"]) == (["seed=1", "--multirun"], None)


def test_errors_of_resuming_are_named(sweep, tmp_path):
    with pytest.raises(UserError, match=r"nowhere is not a sweep: sweep.json was looked for there and not found"):
        resumed([f"sweep.resume={tmp_path}/nowhere"])
    with pytest.raises(UserError, match=r"sweep.force=true: only with sweep.resume=FOLDER"):
        resumed(["sweep.force=true", "seed=1"])
    sweep.write()
    with pytest.raises(UserError, match=r"sweep.force=yes: must be true or false"):
        resumed([f"sweep.resume={sweep.folder}", "sweep.force=yes"])
    (sweep.folder / "sweep.json").write_text("{")
    with pytest.raises(UserError, match=r"sweep.json: cannot be read"):
        resumed([f"sweep.resume={sweep.folder}"])


def test_a_sweep_is_resumed_with_the_same_jobs(sweep):
    sweep.write()
    with pytest.raises(UserError, match=r"trainer.max_epochs=9: would change the jobs of the sweep; .* allows only "):
        resumed([f"sweep.resume={sweep.folder}", "trainer.max_epochs=9"])
    assert (sweep.folder / "2-seed-2").is_dir()


def test_while_another_command_works_nothing_is_moved(sweep):
    sweep.write()
    with take(sweep.folder), pytest.raises(UserError, match=r"another command works on this sweep \(process \d+ on "):
        resumed([f"sweep.resume={sweep.folder}", "sweep.force=true"])
    assert (sweep.folder / "2-seed-2").is_dir()


def test_an_orphan_is_named_and_not_disturbed(sweep, orphan):
    (sweep.folder / JOBS).mkdir()
    (sweep.folder / JOBS / STOP).write_text("SIGTERM")
    with pytest.raises(
        UserError, match=rf"job 2 is still running as process {orphan}, .*; wait .* sweep.force=true: it"
    ):
        resume(sweep)
    os.kill(orphan, 0)
    assert (sweep.folder / "2-seed-2").is_dir()
    assert must_end(sweep.folder)  # what an earlier command asked of its jobs still holds


def test_an_orphan_is_ended_with_force(sweep, orphan, capsys):
    run = state(sweep.folder / "2-seed-2")
    assert is_alive(run)
    resume(sweep, "sweep.force=true")
    assert capsys.readouterr().out.startswith(f"Ending job 2 (process {orphan})\nResuming: ")
    assert not is_alive(run)
    aside = state(sweep.folder / ".unfinished" / "2-seed-2-1")
    assert (aside["status"], aside["error"]) == ("failed", f"killed: process {orphan} is gone")


@pytest.mark.parametrize("orphan", ["stubborn"], indirect=True)
def test_an_orphan_that_does_not_end_is_named(sweep, orphan, monkeypatch):
    monkeypatch.setattr(running_jobs, "LIMIT", 1.0)
    with pytest.raises(UserError, match=rf"job 2: process {orphan} did not end 1 s after SIGTERM"):
        resume(sweep, "sweep.force=true")
    assert (sweep.folder / "2-seed-2").is_dir()


def test_a_job_of_another_machine_is_named_and_taken_as_killed_with_force(sweep):
    running(sweep, host="node7", process=12)
    with pytest.raises(UserError, match=r"job 2 may be running on node7 as process 12, which cannot be seen from here"):
        resume(sweep)
    assert (sweep.folder / "2-seed-2").is_dir()
    resume(sweep, "sweep.force=true")
    aside = state(sweep.folder / ".unfinished" / "2-seed-2-1")
    assert (aside["status"], aside["error"]) == ("failed", "taken as killed by sweep.force=true")


def test_a_job_before_a_reboot_or_whose_number_is_reused_was_killed(sweep):
    both: list[dict[str, Any]] = [{"boot": "11111111-2222"}, {"process": os.getppid(), "process_started": 1}]
    for number, values in enumerate(both, 1):
        (sweep.folder / "2-seed-2").mkdir(exist_ok=True)
        running(sweep, **values)
        resume(sweep)
        assert state(sweep.folder / ".unfinished" / f"2-seed-2-{number}")["status"] == "failed"
    os.kill(os.getppid(), 0)


def test_a_process_that_may_be_another_programs_is_not_ended(sweep):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    running(sweep, process=other.pid, process_started=None)
    with pytest.raises(UserError, match=rf"job 2: process {other.pid} may be another program's by now"):
        resume(sweep, "sweep.force=true")
    assert other.poll() is None
    other.kill()
    other.communicate()
