"""One job of a multirun: the error of a process that ended by itself."""

import json

import pytest

from featevo.errors import UserError
from featevo.record.liveness import identity
from featevo.sweep.job import _earlier_attempt, last_exception

CHAINED = """Traceback (most recent call last):
  File "a.py", line 1, in f
    x
KeyError: 'first'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 2, in f
    y
broken.Stop: the second
and its second line
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("a warning\nanother\n", None),
        (CHAINED, "broken.Stop: the second"),
        (CHAINED + "a message after it\n", "broken.Stop: the second"),
        ("Error: data.root=x: not there\n", "data.root=x: not there"),
        ("Traceback (most recent call last):\n  File", None),
    ],
)
def test_the_last_exception_of_a_process(text, found):
    assert last_exception(text.splitlines(keepends=True)) == found


def attempt(folder, **run):
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(run))
    (folder / ".hydra").mkdir()
    (folder / "train.log").write_text("begun")
    return folder


ELSEWHERE = {"status": "running", "host": "node7", "process": 12}


@pytest.mark.parametrize(
    ("run", "restarts"),
    [
        ({"status": "interrupted"}, "0"),
        ({**identity(), "status": "failed"}, "0"),
        ({**identity(), "status": "running", "process_started": 1}, "0"),
        (ELSEWHERE, "1"),
    ],
)
def test_a_job_that_is_started_again_sets_its_earlier_attempt_aside(tmp_path, monkeypatch, run, restarts):
    monkeypatch.setenv("SLURM_RESTART_COUNT", restarts)
    folder = attempt(tmp_path / "0-seed-0", **run)
    assert _earlier_attempt(folder) is None
    assert sorted(path.name for path in folder.iterdir()) == [".hydra", "train.log"]
    assert json.loads((tmp_path / ".unfinished" / "0-seed-0-1" / "run.json").read_text()) == run


def test_a_job_that_is_started_again_goes_on_from_a_checkpoint(tmp_path):
    folder = attempt(tmp_path / "0-seed-0", status="interrupted")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.ckpt").touch()
    assert _earlier_attempt(folder) == folder
    assert (folder / "run.json").exists()


@pytest.mark.parametrize("run", [{**identity(), "status": "running"}, ELSEWHERE])
def test_a_job_that_may_still_run_keeps_its_folder(tmp_path, run):
    folder = attempt(tmp_path / "0-seed-0", **run)
    with pytest.raises(UserError, match=r"0-seed-0: the job is running already, as process \d+ on "):
        _earlier_attempt(folder)
    assert (folder / "run.json").exists()
