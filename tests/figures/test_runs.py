"""Folders given to the command: one run, several, a sweep, or none of these."""

from __future__ import annotations

import json

import pytest

from featevo.errors import UserError
from featevo.figures.runs import given


@pytest.fixture
def sweep(make_run, tmp_path):
    """Two jobs with pictures, one that failed, one that never ran."""
    for number in range(2):
        make_run(f"study/{number}-seed-{number}")
    (tmp_path / "study" / "2-seed-2").mkdir()
    (tmp_path / "study" / "2-seed-2" / "run.json").write_text(json.dumps({"status": "failed", "error": "no"}))
    jobs = [{"overrides": [f"seed={number}"]} for number in range(4)]
    (tmp_path / "study" / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    return tmp_path / "study"


def test_one_run_is_itself(make_run):
    found = given([make_run()])

    assert [name for name, _ in found.runs] == ["scenes"]
    assert not found.compared


def test_a_sweep_is_its_jobs_that_have_drawn(sweep):
    found = given([sweep])

    assert [name for name, _ in found.runs] == ["seed=0", "seed=1"]
    assert found.left_out == [f"{sweep}: seed=2: failed, no picture", f"{sweep}: seed=3: missing, no picture"]
    assert (found.title, found.folder, found.compared) == ("study", sweep, True)


def test_a_sweep_of_one_job_is_still_a_sweep(sweep):
    content = json.loads((sweep / "sweep.json").read_text())
    (sweep / "sweep.json").write_text(json.dumps({**content, "jobs": content["jobs"][:1]}))

    assert given([sweep]).compared


def test_several_runs_lie_in_their_common_folder_and_are_told_apart(make_run, sweep, tmp_path):
    one, two = make_run("a/scenes"), make_run("b/again")
    for run in (one, two):
        (run / "run.json").write_text('{"name": "scenes-random"}')
    found = given([one, two, sweep])

    assert [name for name, _ in found.runs] == ["scenes-random (scenes)", "scenes-random (again)", "seed=0", "seed=1"]
    assert (found.title, found.folder, found.compared) == ("4 runs", tmp_path, True)


def test_what_is_neither_a_run_nor_a_sweep_is_named(make_run, sweep, tmp_path):
    with pytest.raises(UserError, match="is neither a run folder nor a sweep's: it has neither"):
        given([make_run(), tmp_path])
    with pytest.raises(UserError, match="nowhere is not a run folder: evolution"):
        given([tmp_path / "nowhere"])
    content = json.loads((sweep / "sweep.json").read_text())
    (sweep / "sweep.json").write_text(json.dumps({**content, "jobs": []}))
    with pytest.raises(UserError, match="study: no job of this sweep has drawn anything yet"):
        given([sweep])


def test_a_broken_record_of_a_job_does_not_hide_the_others(sweep):
    (sweep / "0-seed-0" / "evolution" / "index.jsonl").write_text("no\n{}\n")

    assert [name for name, _ in given([sweep]).runs] == ["seed=1"]
