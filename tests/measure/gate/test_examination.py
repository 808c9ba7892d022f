"""Candidates at the gate: their means, verdicts, and measures that do not fit."""

import json

import pytest
import torch

from featevo.measure.equalise import equalised
from featevo.measure.gate.candidates import candidates
from featevo.measure.gate.examination import Candidate, Examined, examined
from featevo.measure.gate.known_truth import KnownTruth
from featevo.measure.gate.pictures import pictures
from featevo.measure.judge import judge
from featevo.measure.naive import NAIVE
from featevo.measure.pieces import Pieces


@pytest.fixture(scope="module")
def shown():
    return pictures(32, 3)


def test_means_are_those_of_the_measure(shown):
    raw, equal = (examined(Candidate("pieces", Pieces(), equalises), shown) for equalises in (False, True))
    assert list(raw.means) == list(shown)
    for kind, images in shown.items():
        assert raw.means[kind] == pytest.approx(float(Pieces()(images).mean()))
        assert equal.means[kind] == pytest.approx(float(Pieces()(equalised(images)).mean()))


@pytest.mark.parametrize("name", NAIVE)
def test_naive_measures_take_noise_for_structure(shown, name):
    for equalises in (False, True):
        found = examined(Candidate(name, NAIVE[name], equalises), shown)
        assert "a" in found.fails
        assert not found.checks[0].passed


def test_the_rms_contrast_changes_with_contrast_alone(shown):
    found = examined(Candidate("contrast", lambda images: images.std((2, 3)).mean(1)), shown)
    changes = {check.name: check for check in found.checks if check.part == "b"}
    assert changes["a quarter of the contrast"].value == pytest.approx(-0.75, abs=1e-4)
    assert changes["another mean colour"].passed
    assert changes["mirrored"].passed
    assert found.verdict == "fails a, b"


def test_verdicts(shown):
    checks = examined(Candidate("pieces", Pieces()), shown).checks
    passed = tuple(check for check in checks if check.passed)
    good, bad = KnownTruth({}, True, "in order"), KnownTruth({"colours": 3.0, "shapes": 2.0}, False, "not in order")
    one = Candidate("own", Pieces())
    assert Examined(one, {}, passed).verdict == "passes a, b"
    assert Examined(one, {}, passed, good).verdict == "passes"
    assert Examined(one, {}, passed, bad).verdict == "fails c"
    written = Examined(one, {"flat": float("inf")}, passed, bad).as_json()
    assert written["known_truth"] == {
        "means": {"colours": 3.0, "shapes": 2.0},
        "passed": False,
        "reason": "not in order",
    }
    assert written["means"] == {"flat": None}
    json.dumps(written, allow_nan=False)


def test_a_measure_must_give_one_value_per_image(shown):
    with pytest.raises(ValueError, match=r"measure map: it gave values of shape \(3, 32, 32\) for 3 images"):
        examined(Candidate("map", lambda images: images.mean(1)), shown)


def test_candidates_are_all_measures_raw_and_equalised():
    found = candidates([judge()], 32)
    assert len(found) == 2 * (4 + 4 + 3)
    assert {one.name for one in found} > {"PNG size", "pieces", "cluster entropy", "effective rank"}
    for raw, equal in zip(found[::2], found[1::2], strict=True):
        assert (raw.name, raw.equalises, equal.equalises) == (equal.name, False, True)
    first, second = (one.judge.deviation for one in found[-2:] if one.judge is not None)
    assert first is not None
    assert second is not None
    assert not torch.equal(first, second)
