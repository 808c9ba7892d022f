"""A sweep in a notebook: a list of runs."""

import json

import pytest

from tests.notebook.parts import several


def test_it_is_a_list_of_runs(sweep):
    runs = several(sweep)
    assert len(runs) == 2
    assert [run.name for run in runs] == runs.names == ["seed=0", "seed=1"]
    assert runs[0] == runs["seed=0"]
    assert runs[-1] == runs["seed=1"]
    assert runs[1].folder == sweep / "1-seed-1"
    assert runs[1].show().title == "seed=1, epoch 2: 99.0 %"


def test_the_text_says_what_it_is(sweep):
    runs = several(sweep)
    assert repr(runs) == f"Runs of {sweep}: 2 runs, 4 classes, best accuracy 99.0 % (seed=1), 1 left out"
    assert runs.left_out == [f"{sweep}: seed=2: did not run, and has no images"]


def test_a_wrong_index_lists_what_there_is(sweep):
    runs = several(sweep)
    with pytest.raises(ValueError, match=r"there is no run 'seed=2'; there are: seed=0; seed=1$"):
        runs["seed=2"]
    for number in (2, -3):
        with pytest.raises(IndexError, match=f"there is no run {number}; there are 2, from 0"):
            runs[number]


def test_the_page_has_all_runs_and_names_a_few_that_are_left_out(sweep):
    assert "Left out" in several(sweep)._repr_html_()
    content = json.loads((sweep / "sweep.json").read_text())
    content["jobs"] += [{"overrides": [f"seed={number}"]} for number in range(3, 20)]
    (sweep / "sweep.json").write_text(json.dumps(content))
    page = several(sweep)._repr_html_()
    assert page.count("Left out:") == 1
    assert "18 runs; the attribute left_out has the reasons" in page
    assert '"label":"study/0-seed-0"' in page
    assert '"label":"study/1-seed-1"' in page
