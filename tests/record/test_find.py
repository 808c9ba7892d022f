"""The runs of a folder given to a command, runs that are left out, and the folder for the command's files."""

import json
import os
from pathlib import Path

import pytest

from featevo import report
from featevo.errors import UserError
from featevo.figures import __main__ as figures
from featevo.record.find import find_runs, may_write
from featevo.record.sweep import read_sweep


@pytest.fixture
def sweep(make_run, tmp_path):
    for number in range(2):
        make_run(f"study/{number}-seed-{number}")
    jobs = [{"overrides": [f"seed={number}"]} for number in range(2)]
    (tmp_path / "study" / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    return tmp_path / "study"


@pytest.mark.parametrize(
    ("command", "name", "out"), [(report.main, "report.html", "a.html"), (figures.main, "comparison.md", "a")]
)
def test_two_runs_of_a_sweep_do_not_replace_its_own_files(sweep, capsys, command, name, out):
    (sweep / name).write_text("of the sweep")
    options = ["--format", "md"] if command is figures.main else []
    runs = [str(sweep / "0-seed-0"), str(sweep / "1-seed-1")]
    assert command([*runs, *options]) == 2
    message = f"{sweep} contains all given folders and is none of them; name the folder to write to by --out\n"
    assert capsys.readouterr().err.removeprefix("Error: ") == message
    assert (sweep / name).read_text() == "of the sweep"
    assert command([*runs, *options, "--out", str(sweep / out)]) == 0
    assert command([str(sweep), runs[0], *options]) == 0, "the sweep itself was given"
    assert (sweep / name).read_text() != "of the sweep"


def test_runs_far_apart_do_not_write_above_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for folder in (tmp_path / "home", tmp_path, Path("/")):
        folder.mkdir(exist_ok=True)
        with pytest.raises(UserError, match="name the folder to write to by --out"):
            may_write(folder, [tmp_path / "nowhere"])
    (tmp_path / "home" / "runs").mkdir()
    assert may_write(tmp_path / "home" / "runs", []) == tmp_path / "home" / "runs"
    assert may_write(tmp_path / "home", [tmp_path / "home"]) == tmp_path / "home"


@pytest.fixture
def study(sweep):
    """The sweep with a job that failed before any image and one that did not run."""
    (sweep / "2-seed-2").mkdir()
    (sweep / "2-seed-2" / "run.json").write_text(json.dumps({"status": "failed", "error": "out of\nmemory"}))
    jobs = [{"overrides": [f"seed={number}"]} for number in range(4)]
    (sweep / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    return sweep


def lines(found):
    return [str(left) for left in found.left_out]


def names(found):
    return [name for name, _ in found.runs]


def test_a_run_is_one_run(make_run, monkeypatch):
    run = make_run()
    monkeypatch.chdir(run.parent)
    found = find_runs([Path(run.name)])
    assert (names(found), found.left_out, found.home, found.title) == (["scenes"], [], Path("scenes"), "scenes")
    assert not found.compared


@pytest.mark.parametrize("deep", [False, True])
def test_a_sweep_is_its_jobs_with_images(study, deep):
    found = find_runs([study], deep)
    assert names(found) == ["seed=0", "seed=1"]
    assert lines(found) == [
        f"{study}: seed=2: failed (out of memory), and has no images",
        f"{study}: seed=3: did not run, and has no images",
    ]
    assert (found.title, found.home, found.compared) == ("study", study, True)


def test_a_sweep_of_one_job_is_still_a_sweep(study):
    content = json.loads((study / "sweep.json").read_text())
    (study / "sweep.json").write_text(json.dumps({**content, "jobs": content["jobs"][:1]}))
    assert find_runs([study]).compared


def test_runs_of_a_sweep_given_one_by_one_are_runs(study):
    found = find_runs([study / "0-seed-0", study / "1-seed-1"])
    assert (found.title, found.home, found.of_sweep) == ("2 runs", study, False)


def test_several_runs_have_their_common_folder_different_names_and_no_duplicates(make_run, study, tmp_path):
    one, two = make_run("a/scenes"), make_run("b/again")
    for run in (one, two):
        (run / "run.json").write_text('{"name": "scenes-random"}')
    (tmp_path / "link").symlink_to(one)
    found = find_runs([one, two, study, study / "1-seed-1", tmp_path / "link"])
    assert names(found) == ["scenes-random (scenes)", "scenes-random (again)", "seed=0", "seed=1"]
    assert (found.title, found.home, found.compared) == ("4 runs", tmp_path, True)


def test_deep_finds_every_run_below(make_run, tmp_path):
    for name in ("b/c/one", "a/two"):
        make_run(name)
    assert names(find_runs([tmp_path], deep=True)) == ["a/two", "b/c/one"]
    with pytest.raises(UserError, match=r"it has neither evolution/index\.jsonl nor sweep\.json"):
        find_runs([tmp_path])


def test_broken_or_empty_runs_do_not_hide_others(make_run, study, tmp_path):
    (study / "0-seed-0" / "evolution" / "index.jsonl").write_text("no\n{}\n")
    os.mkfifo(study / "1-seed-1" / "metrics.csv")
    (study / "2-seed-2" / "run.json").unlink()
    (study / "2-seed-2" / "run.json").symlink_to("/dev/zero")
    empty, controls, broken = make_run("empty", accuracies=()), make_run("controls"), tmp_path / "broken"
    (controls / "evolution" / "controls.json").write_text("9" * 100_000)
    broken.mkdir()
    (broken / "sweep.json").write_text("[" * 100_000)
    found = find_runs([study, tmp_path / "nowhere", empty, controls, broken, make_run("whole")])
    assert (names(found), found.title, found.home) == (["whole"], "whole", tmp_path / "whole")
    assert lines(found) == [
        f"{study}: seed=0: 0-seed-0/evolution/index.jsonl, line 1: not JSON (Expecting value); each line must be one "
        "snapshot",
        f"{study}: seed=1: 1-seed-1/metrics.csv is not a regular file",
        f"{study}: seed=2: 2-seed-2/run.json is not inside {study / '2-seed-2'}",
        f"{study}: seed=3: did not run, and has no images",
        f"{tmp_path / 'nowhere'}: neither a run folder nor a sweep's: it has neither evolution/index.jsonl nor "
        "sweep.json",
        f"{empty}: finished, and has no images",
        f"{controls}: evolution/controls.json has a number of 100000 digits",
        f"{broken}: sweep.json is nested more than 64 levels deep",
    ]


def test_a_job_outside_its_sweep_is_left_out(make_run, study, tmp_path):
    make_run("other")
    (study / ".jobs").mkdir()
    for number, place in enumerate(["../other", str(tmp_path / "other"), "."]):
        (study / ".jobs" / str(number)).write_text(place)
    (study / "run.json").symlink_to(study / "0-seed-0" / "run.json")
    (study / "3-seed-3").symlink_to(tmp_path / "other")
    errors = [job.error for job in read_sweep(study).jobs()]
    (study / "run.json").unlink()
    assert errors == [
        f"{place} is not inside {study}"
        for place in (study / "../other", tmp_path / "other", study, study / "3-seed-3")
    ]
    assert [job.folder for job in read_sweep(study).jobs()] == [None] * 4
    with pytest.raises(UserError, match=r"study: seed=0: \.\./other is not inside .*; and 1 more$"):
        find_runs([study])


def test_no_run_is_one_line(tmp_path):
    with pytest.raises(UserError, match="give at least one folder of a run or a sweep"):
        find_runs([])
    with pytest.raises(UserError, match=r"^(/[^;]*neither a run folder[^;]*; ){3}and 2 more$"):
        find_runs([tmp_path / str(number) for number in range(5)])
