"""The notebooks run from start to end, in small, and are stored without outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.heavy  # processes

FOLDER = Path(__file__).parent.parent / "notebooks"
NAMES = ("own_model", "tour")
SMALL = {
    "tour": {
        "SETTINGS": "'evolution.before_training=true debug=smoke trainer.max_epochs=1 "
        "data.source.train_per_class=8 data.source.val_per_class=8'"
    },
    "own_model": {"EPOCHS": "1", "STEPS": "2", "SIZE": "8"},
}
"""Values of the settings in the first cell with code, which make a notebook short."""


def read(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def reduced(name):
    notebook = read(name)
    for setting, value in SMALL[name].items():
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        cell.source, count = re.subn(
            rf"^{setting} = [^#\n]*", f"{setting} = {value}  ", cell.source, flags=re.MULTILINE
        )
        assert count == 1, setting
    return notebook


def test_a_notebook_may_run_twice_in_one_place(tmp_path, monkeypatch):
    """That of an own model; the tour says that a second run needs another folder, and goes on with the first."""
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for count in (1, 2):
        notebook = reduced("own_model")
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
        assert len(list(tmp_path.rglob("evolution/index.jsonl"))) == count


def test_every_notebook_is_tested():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_and_stored_without_outputs(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert 8 <= len(notebook.cells) <= 12
    for cell in notebook.cells:
        assert cell.get("execution_count") is None
        assert not cell.get("outputs")
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("name", NAMES)
def test_it_runs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = reduced(name)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    shown = [
        output.data.get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type in ("display_data", "execute_result")
    ]
    assert sum("<iframe" in html for html in shown) == 1, "the page with its slider"
    assert sum("data:image/png" in html for html in shown) == 2, "two sheets of images"
    assert sum("<table" in html for html in shown if "<iframe" not in html) == 1, "a table"
    assert len(list(tmp_path.rglob("evolution/index.jsonl"))) == 1
