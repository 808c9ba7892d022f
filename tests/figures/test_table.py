"""The tables have the recorded numbers of every snapshot."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from featevo.figures.table import markdown, mean_value, number, print_table, save_markdown
from featevo.record.reading import read_evolution
from tests.conftest import as_channels


def saved(run):
    return save_markdown([("scenes", read_evolution(run))], run / "evolution.md")


def test_means_are_over_the_class_images_that_have_the_value(make_run):
    def change(entries):
        entries[0]["renders"][0]["logit"] = None
        entries[0]["renders"].append({"view": "channels", "unit": 0, "name": "", "file": "x.png", "logit": 1000.0})

    first, second, _ = read_evolution(make_run(change=change)).snapshots
    assert (mean_value(first, "logit"), mean_value(first, "probability")) == (5.0, 0.5)
    assert mean_value(second, "logit") == 5.0
    assert mean_value(second, "nothing") is None


def test_markdown_opens_with_the_papers_table(make_run):
    run = make_run(accuracies=(None, 0.64))
    path = saved(run)

    assert path == run / "evolution.md"
    assert path.read_text().splitlines() == [
        "# scenes",
        "",
        "| Epoch | 0 | 1 |",
        "| --- | --- | --- |",
        "| Validation accuracy | - | 64.0 % |",
        "",
        "| Epoch | Validation accuracy | Validation loss | Trigger | Mean logit | Drawn in |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 0 | - | 1.500 | before training | 3.0 | 2.3 s |",
        "| 1 | 64.0 % | 1.500 | improvement | 4.0 | 2.3 s |",
    ]
    assert sorted(file.name for file in run.iterdir()) == ["evolution", "evolution.md", "run.json"]


def test_an_error_cannot_break_the_table(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="a | b\nc", renders=[]))
    line = saved(run).read_text().splitlines()[-2]

    assert line == "| 2 | 64.0 % | 1.500 | improvement | - | not drawn: a \\| b c |"


def test_names_stay_text(make_run):
    run = make_run(change=lambda entries: entries[0].update(error="<b>no</b>", trigger="<i>", renders=[]))
    text = markdown("<img src=x onerror=alert(1)>", read_evolution(run))
    assert text.startswith("# \\<img src=x onerror=alert(1)>\n")
    assert "| \\<i> |" in text
    assert "not drawn: \\<b>no\\</b>" in text


def test_an_empty_record_has_an_empty_table(make_run):
    assert saved(make_run(accuracies=())).read_text().startswith("# scenes\n\n| Epoch |\n")


def test_several_runs_have_a_table_each(make_run, tmp_path):
    runs = [("init=random", read_evolution(make_run("one"))), ("init=pretrained", read_evolution(make_run("two")))]
    text = save_markdown(runs, tmp_path / "comparison.md").read_text()

    assert [line for line in text.splitlines() if line.startswith("#")] == ["# init=random", "# init=pretrained"]
    assert text.count("| Validation accuracy | 25.0 % | 64.0 % | 97.5 % |") == 2


def test_the_terminal_shows_it_without_reading_markup(make_run):
    run = make_run(name="[red]run[/]", change=lambda entries: entries[1].update(error="shape [batch]", renders=[]))
    screen = io.StringIO()
    print_table(read_evolution(run), Console(file=screen, width=120))
    shown = screen.getvalue()

    assert "[red]run[/]" in shown
    assert "not drawn: shape [batch]" in shown
    assert shown.count("epoch=00") == 2
    assert re.search(r"1 +25.0 % +1.500 +0.50 +2.3 +epoch=001", shown)
    assert "97.5 %" in shown


def test_a_run_without_classes_has_no_columns_about_them(make_run):
    evolution = read_evolution(make_run(change=as_channels))
    screen = io.StringIO()
    print_table(evolution, Console(file=screen, width=120))

    lines = markdown("scenes", evolution).splitlines()
    assert lines[6] == "| Epoch | Validation accuracy | Validation loss | Trigger | Drawn in |"
    assert lines[8] == "| 1 | 25.0 % | 1.500 | improvement | 2.3 s |"
    assert "probability" not in screen.getvalue()
    assert re.search(r"1 +25.0 % +1.500 +2.3 +epoch=001", screen.getvalue())


@pytest.mark.parametrize(("value", "digits", "text"), [(None, 2, "-"), (1.005, 1, "1.0"), (2, 3, "2.000")])
def test_number(value, digits, text):
    assert number(value, digits) == text


def test_neither_table_has_recognition(make_run):
    """An older record has these measures."""

    def change(entries):
        for entry in entries:
            for render in entry["renders"]:
                render["measures"] = {"recognition/judge": 0.9, "confusion/judge": 0.1}

    evolution = read_evolution(make_run(change=change))
    screen = io.StringIO()
    print_table(evolution, Console(file=screen, width=120))
    for text in (markdown("a run", evolution), screen.getvalue()):
        assert "tree frog" not in text
        assert "ecogni" not in text
        assert "judge" not in text
