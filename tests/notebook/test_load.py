"""`featevo.load`: what is given, what is returned, and what a wrong folder says."""

import json
import shutil

import pytest

import featevo
from featevo.errors import UserError
from featevo.notebook.run import Run
from featevo.notebook.runs import Runs
from tests.notebook.parts import one, several


def test_a_run_and_a_sweep(make_run, sweep):
    run, runs = featevo.load(str(make_run())), featevo.load(sweep)
    assert isinstance(run, Run)
    assert isinstance(runs, Runs)


def test_several_runs(make_run):
    assert several(make_run("a"), make_run("b")).names == ["a", "b"]


def test_a_path_in_the_users_home(make_run, tmp_path, monkeypatch):
    make_run("a")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert featevo.load("~/a").folder == tmp_path / "a"


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(UserError, match=r"nowhere is not a folder; give the folder of a run or a sweep$"):
        featevo.load(tmp_path / "nowhere")


def test_no_folder():
    with pytest.raises(UserError, match="give at least one folder of a run or a sweep"):
        featevo.load()


def test_a_folder_without_a_record_names_those_below(sweep, make_run, tmp_path):
    run = make_run("date/time-scenes")
    with pytest.raises(UserError, match=f"^{tmp_path}: neither a run .*; below it there are: {run}, {sweep}$"):
        featevo.load(tmp_path)
    for number in range(3):
        make_run(f"another{number}")
    with pytest.raises(UserError, match=r"another0, .*another1, .*another2, \.\.\.$"):
        featevo.load(tmp_path)


def test_an_empty_folder_has_nothing_below(tmp_path):
    with pytest.raises(UserError) as raised:
        featevo.load(tmp_path)
    assert "below" not in str(raised.value)


def test_a_damaged_record_is_one_line(make_run):
    run = make_run()
    (run / "evolution" / "index.jsonl").write_text("{}\n{}\n")
    with pytest.raises(UserError, match=r"index\.jsonl, line 1: ") as raised:
        featevo.load(run)
    assert "\n" not in str(raised.value)


def test_an_image_outside_the_folder_is_refused(make_run):
    run = make_run(change=lambda entries: entries[0]["renders"][0].update(file="../secret.png"))
    with pytest.raises(UserError, match="is not inside"):
        featevo.load(run)


def test_a_sweep_without_images_says_why(sweep):
    for number in range(2):
        shutil.rmtree(sweep / f"{number}-seed-{number}")
    with pytest.raises(UserError, match=r"seed=0: did not run, and has no images; .*seed=1: did not run"):
        featevo.load(sweep)


def test_the_record_is_only_read(make_run):
    run = make_run()
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    loaded = one(run)
    loaded._repr_html_()
    loaded.show()
    loaded.frame()
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    assert json.loads((run / "run.json").read_text())["status"] == "finished"
