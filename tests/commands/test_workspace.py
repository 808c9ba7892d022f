"""The W&B workspace as W&B would store it; without a key it can be printed but not saved."""

import json
import os
import re
import subprocess
import sys

import pytest

from featevo.commands.workspace import main
from featevo.tracking.wandb_workspace import CLASSES, by_section

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic V1 style")


@pytest.fixture(autouse=True)
def _no_account(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def sections(capsys, *arguments):
    """The sections that `--json` prints: panels by title."""
    assert main([*map(str, arguments), "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    view = json.loads(out)
    found = {section["name"]: section for section in view["spec"]["section"]["panelBankConfig"]["sections"]}
    return view, {
        name: {panel["config"].get("chartTitle", panel["viewType"]): panel for panel in section["panels"]}
        for name, section in found.items()
    }


def keys(panels):
    return [panel["config"]["mediaKeys"] for panel in panels.values()]


def test_the_evolution_comes_first_as_steps_by_runs(make_run, capsys):
    view, found = sections(capsys, make_run(), "--entity", "team", "--project", "scenes", "--name", "My view")
    assert (view["entity"], view["project"], view["displayName"]) == ("team", "scenes", "My view")
    assert list(found) == [
        "Evolution", "Accuracy", "Runs compared", "Likeness", "The network", "The images", "Stability",
        "Classes", "Page and figure",
    ]  # fmt: skip
    panel, real = found["Evolution"].values()
    assert real["config"]["mediaKeys"] == ["evolution/real"]
    assert panel["viewType"] == "Media Browser"
    assert panel["config"]["mediaKeys"] == ["evolution/grid"]
    assert panel["config"]["mode"] == "grid"
    assert panel["config"]["gridSettings"] == {"xAxis": "step", "yAxis": "run"}
    curves = {title: panel["config"] for title, panel in found["Accuracy"].items()}
    assert curves["Accuracy"]["metrics"] == ["val_acc", "train_acc"]
    assert curves["Loss"]["metrics"] == ["val_loss", "train_loss"]
    assert {curve["xAxis"] for curve in curves.values()} == {"epoch"}
    scatter = found["Runs compared"]["How good against how fast"]["config"]
    assert (scatter["xAxis"], scatter["yAxis"]) == ("summary:epochs_to_90", "summary:best_val_acc")
    assert keys(found["Page and figure"]) == [["page"], ["figure"]]


def test_each_class_has_a_panel_with_the_key_of_its_log(make_run, capsys):
    run = make_run(classes=("tree frog", "a/b"))
    _, found = sections(capsys, run)
    assert keys(found["Classes"]) == [["features/tree frog"], ["features/a-b"]]


def test_of_many_classes_evenly_spread_ones_are_shown(make_run, capsys):
    run = make_run(classes=[f"class {number}" for number in range(60)], accuracies=(0.5,), size=2)
    assert main([str(run), "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"Panels for {CLASSES} classes, evenly spread; {60 - CLASSES} have none\n"
    assert captured.out.count('"features/class ') == CLASSES
    assert '"features/class 0"' in captured.out
    assert '"features/class 59"' in captured.out


def test_a_sweep_has_the_classes_and_measures_of_all_its_runs(make_run, tmp_path, capsys):
    withheld = {"recognition/judge": 0.5, "recognition/seeds": 0.5, "confusion/judge": 0.5, "complexity/pieces": 1.0}
    measures = {"picture/contrast": 1.0, "likeness/shipped": 0.5, "beauty": 0.1, **withheld}
    make_run("sweep/0", classes=("a", "b"), change=lambda entries: entries[-1].update(measures=measures))
    (make_run("sweep/2") / "evolution" / "index.jsonl").write_text("{}\n{")
    make_run("sweep/1", classes=("b", "c"))
    _, found = sections(capsys, tmp_path / "sweep")
    assert keys(found["Classes"]) == [["features/a"], ["features/b"], ["features/c"]]
    assert [panel["config"]["metrics"] for panel in found["The images"].values()] == [["picture/contrast"]]
    assert list(found["Likeness"]) == ["likeness/shipped"]
    assert list(found["Other measures"]) == ["beauty"]
    assert "ecogni" not in str(found)
    assert "judge" not in str(found)


def test_without_a_folder_measures_are_found_by_their_names(capsys):
    _, found = sections(capsys)
    assert found["Classes"] == {}
    (panel,) = found["The images"].values()
    assert panel["config"]["useMetricRegex"] is True
    assert "picture" in panel["config"]["metricRegex"]
    (panel,) = found["The network"].values()
    names = ("clones/grey", "path/early", "information/depth", "likeness/vgg16", "features/clones")
    assert [bool(re.search(panel["config"]["metricRegex"], name)) for name in names] == [True, True, True, False, False]


def test_an_empty_mode_counts_as_not_set():
    """In a new process: W&B reads its environment once, and an empty WANDB_MODE is an error there."""
    command = [sys.executable, "-m", "featevo.workspace"]
    done = subprocess.run(command, env={**os.environ, "WANDB_MODE": ""}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: W&B: not logged in; `wandb login`, or --json to print the workspace\n"


def test_a_measure_is_in_one_section():
    found = by_section(["clones/self", "likeness/of change"])
    assert (found["The network"], found["Likeness"], found["Stability"]) == (
        ["clones/self"],
        ["likeness/of change"],
        [],
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "W&B: not logged in; `wandb login`, or --json to print the workspace\n"),
        (["--entity", "team"], "W&B: the workspace cannot be saved ("),
        (["/nowhere"], "/nowhere: no run: evolution/index.jsonl was looked for in it and below"),
    ],
)
def test_mistakes_are_one_line(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"Error: {message}")
    assert captured.err.count("\n") == 1
