"""The committed records of a study, and what is published of them."""

import tarfile
from pathlib import Path

import pytest


def unpack(results: Path, folder: Path) -> Path:
    """Unpack the records beside a study's results into a folder, which is returned."""
    with tarfile.open(results / "records.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def assert_same_numbers(kept, claim):
    """The numbers and estimates of a claim are those published, for the hypothesis and its control."""
    for part in ("hypothesis", "control"):
        assert kept[part]["numbers"] == pytest.approx(claim[part]["numbers"])
        assert kept[part]["estimate"] == pytest.approx(claim[part]["estimate"])


def assert_no_machine(records: Path):
    """Nothing names a machine, and no path is absolute."""
    files = [path for path in records.rglob("*") if path.is_file()]
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert '"host"' not in text
        assert '"/' not in text
        assert ": /" not in text
