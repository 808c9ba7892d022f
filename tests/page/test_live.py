"""The live page: made again when a record has grown, also from one that is written just now."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from featevo.page import live
from featevo.page.live import LivePage
from featevo.record.liveness import identity


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr("featevo.page.live.APART", 0)


@pytest.fixture
def made(monkeypatch):
    """The folders of which a page was made, each time."""
    calls = []
    gather = live.gather

    def counted(folders):
        calls.append(folders)
        return gather(folders)

    monkeypatch.setattr(live, "gather", counted)
    return calls


def epochs(text):
    """The labels of the snapshots of the first run in a page; None: it waits."""
    content = re.search(r'id="content">(.*?)</script>', text, re.DOTALL)
    return content and [snapshot["label"] for snapshot in json.loads(content[1])["runs"][0]["snapshots"]]


def add(run, line):
    with (run / "evolution/index.jsonl").open("a") as index:
        index.write(line)


def test_the_page_grows_with_the_record_and_is_made_only_then(make_run, made):
    run = make_run()
    index = run / "evolution/index.jsonl"
    *lines, last = index.read_text().splitlines(keepends=True)
    index.write_text("".join(lines))
    page = LivePage([run])
    before, text = page.now()
    assert epochs(text) == ["1", "2"]
    assert page.now() == (before, text)
    assert len(made) == 1
    add(run, last[:40])
    assert epochs(page.now()[1]) == ["1", "2"], "half a line is no snapshot yet"
    add(run, last[40:])
    after, text = page.now()
    assert after != before
    assert epochs(text) == ["1", "2", "3"]
    assert len(made) == 3


@pytest.mark.parametrize(
    "file", ["metrics.csv", "run.json", "evolution/controls.json", "evolution/layers.json", "evolution/transfer.json"]
)
def test_every_file_of_the_page_changes_its_version(make_run, file):
    run = make_run()
    page = LivePage([run])
    before, _ = page.now()
    (run / file).write_text("{}")
    assert page.now()[0] != before


def test_it_waits_for_the_first_snapshot(make_run, tmp_path):
    """As a callback in another project records: a folder, then images, then the index; there is no run.json."""
    empty = tmp_path / "version_0"
    empty.mkdir()
    page = LivePage([empty])
    _, text = page.now()
    assert epochs(text) is None
    assert f"Waiting for a snapshot: {empty}: neither a run folder" in text
    whole = make_run()
    (whole / "run.json").unlink()
    os.rename(whole / "evolution", empty / "evolution")
    assert epochs(page.now()[1]) == ["1", "2", "3"]


def test_a_record_that_cannot_be_read_is_stated_as_text(make_run):
    run = make_run("<b>")
    page = LivePage([run])
    (run / "evolution/index.jsonl").write_text("<script>\n{}\n")
    _, text = page.now()
    assert epochs(text) is None
    assert "each line must be one snapshot" in text
    assert "<b>" not in text


def test_a_page_that_cannot_be_made_is_logged_and_stated(make_run, monkeypatch, caplog):
    page = LivePage([make_run()])
    monkeypatch.setattr(live, "page", lambda gathered, version: 1 / 0)
    assert "the page could not be made (division by zero)" in page.now()[1]
    assert "The page could not be made (ZeroDivisionError" in caplog.text


def test_a_run_that_appears_later_in_a_sweep_is_shown(make_run, tmp_path):
    sweep = tmp_path / "sweep"
    first = make_run("sweep/0-seed-0")
    jobs = [{"overrides": [f"seed={seed}"]} for seed in (0, 1)]
    (sweep / "sweep.json").write_text(json.dumps({"command": [], "jobs": jobs, "started": "2026"}))
    page = LivePage([sweep])
    before, text = page.now()
    assert "1 run, 4 classes, 3 snapshots" in text
    assert "did not run" in text
    make_run("sweep/1-seed-1", accuracies=[0.5])
    after, text = page.now()
    assert "2 runs, 4 classes, 4 snapshots" in text
    assert after != before
    (first / "metrics.csv").write_text("epoch,val_acc\n1,0.5\n")
    assert page.now()[0] != after


def test_a_process_that_is_killed_changes_the_page(make_run):
    run = make_run()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    own = identity()
    (run / "run.json").write_text(json.dumps({"status": "running", "host": own["host"], "process": process.pid}))
    page = LivePage([run])
    assert "killed" not in page.now()[1]
    process.kill()
    process.communicate()
    assert f"killed: process {process.pid} is gone" in page.now()[1]


def test_a_page_that_takes_long_is_made_less_often(make_run, monkeypatch, made):
    monkeypatch.setattr("featevo.page.live.APART", 1e6)
    run = make_run()
    page = LivePage([run])
    before = page.now()
    (run / "metrics.csv").write_text("epoch,val_acc\n1,0.5\n")
    assert page.now() == before
    assert len(made) == 1
