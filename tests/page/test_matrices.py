"""Matrices on the page are in thousandths, limited in number, and only complete ones."""

import json
import os

import pytest

from featevo.page.matrices import matrices_of
from featevo.record.reading import read_evolution


@pytest.fixture
def confused(make_run):
    """Build a run with a snapshot for each `confusion.json` and return its matrices for the page."""

    def make(*files, most=1e6, transfer=None):
        run = make_run(accuracies=[0.5] * len(files))
        for epoch, content in enumerate(files, 1):
            if content is not None:
                text = content if isinstance(content, str) else json.dumps(content)
                (run / "evolution" / f"epoch={epoch:03d}" / "confusion.json").write_text(text)
        if transfer is not None:
            (run / "evolution" / "transfer.json").write_text(json.dumps(transfer))
        return matrices_of(read_evolution(run), range(len(files)), most)

    return make


def of(count, **more):
    return {"classes": [f"class {k}" for k in range(count)], "self": [[0.25] * count] * count, **more}


def test_each_snapshot_has_its_own_but_not_the_judges(confused):
    given = {"classes": ["a", "b"], "self": [[0.9876, 0.0124], [0.5, None]]}
    of_judge = {"classes": ["a", "b"], "judge_classes": ["a", "b", "c"], "judge": [[1, 0, 0], [0, 0, 1]]}
    found = confused(None, given, of(2, judge=[[1, 0], [0, 1]]), of_judge)
    assert found == {
        "byFrame": {
            "1": {"classes": ["a", "b"], "self": [[988, 12], [500, None]]},
            "2": {"classes": ["class 0", "class 1"], "self": [[250, 250], [250, 250]]},
        }
    }


@pytest.mark.parametrize("odd", [[[1]], [[1, 2], 3], "x", None, [[1, 2, 3], [1, 2, 3]]])
def test_invalid_matrices_are_left_out(confused, odd):
    assert confused({"classes": ["a", "b"], "self": odd}, "{", "[]", {"self": [[1]]}, None) == {}


def test_an_unsafe_file_is_logged_and_left_out(make_run, tmp_path, caplog):
    run = make_run(accuracies=(0.5, 0.6))
    os.mkfifo(run / "evolution" / "transfer.json")
    (tmp_path / "confusion.json").write_text(json.dumps(of(2)))
    (run / "evolution" / "epoch=001" / "confusion.json").symlink_to(tmp_path / "confusion.json")
    (run / "evolution" / "epoch=002" / "confusion.json").write_text(json.dumps(of(2)).replace("0.25", "1e308"))
    assert matrices_of(read_evolution(run), range(2)) == {}
    assert [line.partition("evolution/")[2].partition(" /")[0] for line in caplog.messages] == [
        "epoch=001/confusion.json is not inside",
        "epoch=002/confusion.json has a number that is too large (1e308)",
        "transfer.json is not a regular file",
    ]


def test_too_many_classes_are_stated(confused):
    found = confused(of(20), of(21))
    assert ([*found["byFrame"]], found["tooMany"]) == (["0"], 21)


def test_too_many_matrices_are_thinned_evenly(confused):
    found = confused(*[of(4)] * 9, most=5 * 16)
    assert [*found["byFrame"]] == ["0", "2", "4", "6", "8"]


def test_networks_of_other_epochs(confused):
    table = {"epochs": [1, 3], "probabilities": [[0.9, 0.1], [0.4567, 1]]}
    assert confused(None, transfer=table) == {"epochs": ["1", "3"], "transfer": [[900, 100], [457, 1000]]}


def test_a_long_table_of_epochs_is_thinned(confused):
    found = confused(None, transfer={"epochs": [*range(100)], "probabilities": [[k / 100] * 100 for k in range(100)]})
    assert (len(found["epochs"]), found["epochs"][0], found["epochs"][-1]) == (40, "0", "99")
    assert [row[0] for row in found["transfer"]] == [10 * int(epoch) for epoch in found["epochs"]]


def test_a_broken_table_of_epochs_is_left_out(confused):
    assert confused(None, transfer={"epochs": [1, 2], "probabilities": [[1]]}) == {}
