"""The numbers of a run as a table, compared with the files themselves."""

import io
import json
import sys

import pandas
import pytest

from featevo.errors import UserError
from tests.notebook.parts import one, several

METRICS = """epoch,step,train_acc,train_loss,val_acc,val_loss
1,50,0.2,1.5,0.25,1.5
2,100,0.4,1.2,0.64,1.5
3,150,0.6,1.1,0.975,1.5
4,200,0.8,1.0,0.9,1.25
"""

BASE = ["epoch", "step", "drawn", "val_acc", "train_acc", "val_loss", "train_loss", "logit", "probability"]


def measured(entries):
    for number, entry in enumerate(entries):
        entry["measures"] = {"clones/patches": 0.5 + 0.1 * number, "recognition/judge": 1.0, "stability/drift": None}
        for render in entry["renders"]:
            render["measures"] = {"picture/used": render["unit"] / 10}
            render["probabilities"] = {0: 0.1, 1: 0.7, 2: 0.1, 3: 0.1}


@pytest.fixture
def folder(make_run):
    folder = make_run(change=measured)
    (folder / "metrics.csv").write_text(METRICS)
    return folder


def test_a_row_for_each_epoch(folder):
    table = one(folder).frame()
    assert list(table.columns) == [*BASE, "clones/patches"]
    logged = pandas.read_csv(io.StringIO(METRICS))
    for name in ("epoch", "step", "val_acc", "train_acc", "val_loss"):
        assert table[name].tolist() == logged[name].tolist()
    assert table.drawn.tolist() == [True, True, True, False]
    assert table.train_loss.tolist() == [1.25, 1.25, 1.25, 1.0], "a snapshot's own value is the one of its moment"
    assert table.logit.tolist()[:3] == [4.0, 5.0, 6.0], "the mean over units 0 to 3 of 2 * unit + epoch"
    assert table["clones/patches"].tolist()[:3] == [0.5, 0.6, 0.7]
    assert table.iloc[3][["logit", "probability", "clones/patches"]].isna().all()


def test_the_types_are_numbers(folder):
    types = one(folder).frame().dtypes
    assert types[["epoch", "step"]].tolist() == ["int64", "int64"]
    assert types["drawn"] == "bool"
    assert set(types[BASE[3:]]) == {pandas.Series([0.5]).dtype}


def test_a_moment_within_an_epoch_has_its_own_row(make_run):
    folder = make_run(change=lambda entries: entries[1].update(epoch=1, step=75, val_acc=None))
    (folder / "metrics.csv").write_text(METRICS.replace("1,50,", "1,75,"))
    table = one(folder).frame()
    assert table[["epoch", "step"]].to_numpy().tolist() == [[1, 50], [1, 75], [2, 100], [3, 150], [4, 200]]
    assert table.val_acc.tolist()[:2] == [0.25, 0.25]
    assert table.train_acc.isna().tolist() == [True, False, False, False, False], "it was logged at the epoch's end"


def test_a_run_of_the_callback_has_no_metrics(make_run):
    table = one(make_run(accuracies=[None, 0.5])).frame()
    assert list(table.columns) == BASE
    assert table.epoch.tolist() == [0, 1]
    assert table.val_acc.isna().tolist() == [True, False]
    assert table.train_acc.isna().all()


def test_a_row_for_each_class(folder):
    table = one(folder).frame(by_class=True)
    own = ["epoch", "step", "val_acc", "class", "logit", "probability", "likeliest", "picture/used"]
    assert list(table.columns) == own
    lines = (folder / "evolution/index.jsonl").read_text().splitlines()
    wanted = [(entry["epoch"], image) for entry in map(json.loads, lines) for image in entry["renders"]]
    assert list(zip(table.epoch, table["class"], table.logit, strict=True)) == [
        (epoch, image["name"], image["logit"]) for epoch, image in wanted
    ]
    assert set(table.likeliest) == {"flamingo"}
    assert table["picture/used"].tolist() == [0.0, 0.1, 0.2, 0.3] * 3


def test_a_sweep_has_a_column_for_the_job(sweep):
    runs = several(sweep)
    table = runs.frame()
    assert list(table.columns) == ["job", *BASE]
    assert table.groupby("job").epoch.apply(list).to_dict() == {"seed=0": [1, 2, 3], "seed=1": [1, 2]}
    assert table[table.job == "seed=1"].val_acc.tolist() == runs[1].frame().val_acc.tolist() == [0.5, 0.99]
    assert len(runs.frame(by_class=True)) == 4 * 5


def test_without_pandas_one_line_says_how_to_get_it(make_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match=r"frame\(\) needs pandas: pip install 'featevo\[notebook\]'"):
        one(make_run()).frame()
