"""The committed records of a study, and what is published of them."""

import tarfile
from pathlib import Path

import pytest

from featevo.study.arms import SUFFIX
from featevo.study.fitting import Fit

FIELDS = ("arm", "chance", "accuracy", "rises")


def unpack(results: Path, folder: Path) -> Path:
    """Unpack the records beside a study's results into a folder, which is returned."""
    with tarfile.open(results / "records.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def assert_same_numbers(kept, again):
    """All numbers of a published `study.json` are those of another: of claims, questions, and what arms learned."""
    for published, claim in zip(kept["claims"], again["claims"], strict=True):
        assert (published["data"], published["key"]) == (claim["data"], claim["key"])
        for part in ("hypothesis", "control"):
            assert published[part]["numbers"] == pytest.approx(claim[part]["numbers"])
            assert published[part]["estimate"] == pytest.approx(claim[part]["estimate"])
    for published, answer in zip(kept["secondary"], again["secondary"], strict=True):
        assert (published["data"], published["key"]) == (answer["data"], answer["key"])
        assert published["numbers"] == pytest.approx(answer["numbers"])
    for published, fit in zip(kept["fits"], again["fits"], strict=True):
        assert (published["data"], published["arm"], published["chance"]) == (fit["data"], fit["arm"], fit["chance"])
        assert published["accuracy"] == pytest.approx(fit["accuracy"])
        assert published["rises"] == pytest.approx(fit["rises"])


def fits_of(study):
    """What each arm learned, from a published `study.json`, by data set and arm."""
    return {(fit["data"], fit["arm"]): Fit(*(fit[name] for name in FIELDS)) for fit in study["fits"]}


def unlearned(study):
    """The data set, arm and seed of each twin that learned none of its labels."""
    fits = fits_of(study).items()
    return [(*where, seed) for where, fit in fits if fit.arm.endswith(SUFFIX) for seed in fit.unlearned]


def assert_no_machine(records: Path):
    """Nothing names a machine, and no path is absolute."""
    files = [path for path in records.rglob("*") if path.is_file()]
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert '"host"' not in text
        assert '"/' not in text
        assert ": /" not in text
