"""The runs of a page, and the reasons why others are left out."""

import json

import pytest

from featevo.errors import UserError
from featevo.page.gather import gather


@pytest.fixture
def sweep(make_run, tmp_path):
    """A sweep of four: two with images, one that failed before any, one that did not run."""
    folder = tmp_path / "study"
    for number in range(2):
        make_run(f"study/{number}-seed-{number}")
    (folder / "2-seed-2").mkdir()
    (folder / "2-seed-2" / "run.json").write_text(json.dumps({"status": "failed", "error": "out of memory"}))
    jobs = [{"overrides": [f"seed={number}"]} for number in range(4)]
    (folder / "sweep.json").write_text(json.dumps({"command": [], "jobs": jobs, "started": "2026"}))
    return folder


def test_a_run_is_named_and_its_page_is_in_its_folder(make_run):
    run = make_run()
    gathered = gather([run])
    assert (gathered.title, gathered.home, gathered.left_out) == ("scenes", run, [])
    assert [evolution.folder for evolution in gathered.evolutions] == [run]


def test_a_sweep_is_all_its_jobs_with_a_record(sweep):
    gathered = gather([sweep])
    assert (gathered.title, gathered.home) == ("study", sweep)
    assert [evolution.folder.name for evolution in gathered.evolutions] == ["0-seed-0", "1-seed-1"]
    assert [str(left) for left in gathered.left_out] == [
        f"{sweep}: seed=2: failed (out of memory), and has no images",
        f"{sweep}: seed=3: did not run, and has no images",
    ]


def test_runs_and_sweeps_can_be_combined_without_duplicates(sweep, make_run, tmp_path):
    other = make_run("other")
    gathered = gather([other, sweep, sweep / "1-seed-1"])
    assert [evolution.folder.name for evolution in gathered.evolutions] == ["other", "0-seed-0", "1-seed-1"]
    assert (gathered.title, gathered.home) == ("3 runs", tmp_path)
    assert gather([sweep, sweep / "1-seed-1"]).title == "study"


def test_broken_records_do_not_hide_the_others(make_run, tmp_path):
    broken = make_run("broken")
    (broken / "evolution" / "index.jsonl").write_text("{\n{}\n")
    gathered = gather([tmp_path, broken, make_run("whole")])
    assert (gathered.title, gathered.home) == ("whole", tmp_path / "whole")
    assert [evolution.name for evolution in gathered.evolutions] == ["whole"]
    assert [str(left).partition("; ")[0] for left in gathered.left_out] == [
        f"{tmp_path}: neither a run folder nor a sweep's: it has neither evolution/index.jsonl nor sweep.json",
        f"{broken}: evolution/index.jsonl, line 1: not JSON (Expecting property name enclosed in double quotes)",
    ]


def test_no_runs_to_show_is_one_line(sweep, tmp_path):
    with pytest.raises(UserError, match="give at least one folder of a run or a sweep"):
        gather([])
    with pytest.raises(UserError, match=r"nowhere: neither a run .*; .*other: neither a run folder") as caught:
        gather([tmp_path / "nowhere", tmp_path / "other"])
    assert "\n" not in str(caught.value)
    (sweep / "sweep.json").write_text("{")
    with pytest.raises(UserError, match=r"sweep.json: cannot be read"):
        gather([sweep])
