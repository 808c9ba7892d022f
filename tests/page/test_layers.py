"""How layers settle in the page's data; files of others are not trusted."""

import json

import pytest

from featevo.page.layers import MOST_LAYERS, layers_of
from featevo.page.matrices import MOST_EPOCHS
from featevo.record.reading import LAYERS, read_evolution

FOLDERS = ["epoch=001", "epoch=002", "epoch=003"]


def of(run, content):
    (run / LAYERS).write_text(content if isinstance(content, str) else json.dumps(content))
    return layers_of(read_evolution(run))


def test_similarities_are_in_thousandths_by_snapshot(make_run):
    found = of(
        make_run(),
        {
            "layers": ["conv1", "<b>"],
            "folders": ["epoch=001", "epoch=009", "epoch=003"],
            "epochs": [1, 9, 3],
            "to_end": [[0.5, 0.6, 1.0], [None, 0.1, 7]],
        },
    )
    assert found == {"layers": ["conv1", "<b>"], "epochs": ["1", "3"], "toEnd": [[500, 1000], [None, None]]}


def test_large_tables_are_thinned(make_run):
    run = make_run(accuracies=[0.5] * 60)
    folders = [f"epoch={epoch:03d}" for epoch in range(1, 61)]
    layers = [f"layer {number}" for number in range(100)]
    found = of(run, {"layers": layers, "folders": folders, "to_end": [[1.0] * 60] * 100})
    assert (len(found["layers"]), len(found["epochs"])) == (MOST_LAYERS, MOST_EPOCHS)
    assert (found["epochs"][0], found["epochs"][-1], found["layers"][-1]) == ("1", "60", "layer 99")
    assert {len(row) for row in found["toEnd"]} == {MOST_EPOCHS}


BAD = {
    "absent": None,
    "no JSON": "[",
    "a list": "[]",
    "too deep": "[" * 1000,
    "rows missing": {"layers": ["a"], "folders": FOLDERS},
    "too few rows": {"layers": ["a", "b"], "folders": FOLDERS, "to_end": [[1, 1, 1]]},
    "a short row": {"layers": ["a"], "folders": FOLDERS, "to_end": [[1, 1]]},
    "no row": {"layers": ["a"], "folders": FOLDERS, "to_end": [3]},
    "no snapshot": {"layers": ["a"], "folders": [], "to_end": [[]]},
    "no known snapshot": {"layers": ["a"], "folders": [["x"], "epoch=099"], "to_end": [[1, 1]]},
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_unusable_files_are_left_out(make_run, content):
    run = make_run()
    assert (layers_of(read_evolution(run)) if content is None else of(run, content)) == {}
