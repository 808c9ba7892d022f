"""The study's verdicts are right on networks whose telling feature is known."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rows():
    calibration = runpy.run_path(str(ROOT / "benchmarks" / "study_calibration.py"))
    return list(calibration["known_truth"](np.random.default_rng(0)))


def test_each_verdict_is_the_truth(rows):
    assert len(rows) == 10
    assert [row["verdict"] for row in rows] == [row["right verdict"] for row in rows]
    assert {row["seeds"] for row in rows} == {12}


def test_the_committed_table_has_them(rows):
    committed = json.loads((ROOT / "docs" / "study-calibration.json").read_text(encoding="utf-8"))
    for row, other in zip(rows, committed["Networks whose truth is known"], strict=True):
        assert row == pytest.approx(other)
