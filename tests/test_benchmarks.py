"""The benchmarks agree with the package: each can be imported, and one measures a small snapshot."""

import runpy
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_can_be_imported(path):
    assert callable(runpy.run_path(str(path))["main"])


def test_a_snapshot_of_few_classes_is_measured():
    (path,) = [path for path in FILES if path.stem == "class_count"]
    found = runpy.run_path(str(path))["measure"](2, 0)
    assert set(found) == {"draw_s", "record_s", "peak_mb", "batch"}
    assert min(found.values()) > 0
