"""The committed records of the study's runs."""

import re
import runpy
import tarfile
from pathlib import Path

import pytest

from featevo.study.arms import ARMS
from featevo.study.collect import collect, deviations

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "study"


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    with tarfile.open(RESULTS / "records.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_all_of_them_are_runs_of_the_plan(records):
    runs, left_out = collect([records])
    assert left_out == []
    assert deviations(runs) == []
    assert len({run.evolution.run["git_commit"] for run in runs}) == 1


def test_the_page_of_the_study_says_how_many_there_are(records):
    runs, _ = collect([records])
    said = re.search(r"So far (\d+) of (\d+) runs are made, all of Fashion-MNIST", (RESULTS / "README.md").read_text())
    assert said is not None
    assert int(said[1]) == len(runs)
    assert int(said[2]) == 2 * 12 * len(ARMS)
    assert {run.data for run in runs} == {"fashion_mnist"}


def test_packing_them_again_changes_nothing(records, tmp_path, monkeypatch, capsys):
    again = tmp_path / "again.tar.xz"
    monkeypatch.setattr("sys.argv", ["study_records", str(records), "--out", str(again)])
    runpy.run_path(str(ROOT / "benchmarks" / "study_records.py"))["main"]()
    with tarfile.open(RESULTS / "records.tar.xz") as before, tarfile.open(again) as after:
        for one, other in zip(before, after, strict=True):
            content, same = before.extractfile(one), after.extractfile(other)
            assert content is not None
            assert same is not None
            assert (one.name, content.read()) == (other.name, same.read())


def test_they_name_no_machine_and_have_no_path(records):
    for file in filter(Path.is_file, records.rglob("*")):
        text = file.read_text(encoding="utf-8")
        assert '"host"' not in text
        assert '"/' not in text
        assert ": /" not in text
