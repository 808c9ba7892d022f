"""Verdicts on run folders in which the claims are true, false or neither."""

import numpy as np
import pytest

from featevo.study.collect import collect
from featevo.study.findings import evaluate
from tests.study.worlds import write_world

KEYS = ["1a", "1b", "2a", "2b", "3a", "4a", "4b", "5a", "5b", "5c"]
MEASURED = [*KEYS[:7], "5c"]  # they use refuted measures


@pytest.fixture
def unrefuted(monkeypatch):
    """No measure is refuted, so that the rule for verdicts is tested alone."""
    monkeypatch.setattr("featevo.study.verdicts.REFUTED", {})


def verdicts(root):
    study = evaluate(*collect([root]))
    return {f.hypothesis.key: f.verdict for c in study.conclusions for f in c.findings}, study


@pytest.mark.parametrize(("effect", "expected"), [(1, "supported"), (-1, "contradicted"), (0, "undecided")])
@pytest.mark.usefixtures("unrefuted")
def test_every_verdict_is_right(tmp_path, effect, expected):
    found, study = verdicts(write_world(tmp_path, np.random.default_rng(7), effect, seeds=8))
    assert found == dict.fromkeys(KEYS, expected)
    assert [conclusion.verdict for conclusion in study.conclusions] == [expected] * 5
    assert study.left_out == ()
    for conclusion in study.conclusions:
        assert conclusion.panels
        assert {line.seed for panel in conclusion.panels for line in panel.lines} == set(range(8))


@pytest.mark.parametrize("effect", [1, -1, 0])
def test_a_refuted_measure_has_numbers_and_no_verdict(tmp_path, monkeypatch, effect):
    root = write_world(tmp_path, np.random.default_rng(7), effect, seeds=8)
    found, study = verdicts(root)
    assert [found[key] for key in MEASURED] == ["withdrawn"] * 8
    expected = {1: "supported", -1: "contradicted", 0: "undecided"}[effect]
    assert found["5a"] == found["5b"] == expected
    last = "contradicted" if effect < 0 else "withdrawn"
    assert [conclusion.verdict for conclusion in study.conclusions] == ["withdrawn"] * 4 + [last]
    with monkeypatch.context() as patch:
        patch.setattr("featevo.study.verdicts.REFUTED", {})
        _, whole = verdicts(root)
    for here, there in zip(study.conclusions, whole.conclusions, strict=True):
        for finding, other in zip(here.findings, there.findings, strict=True):
            assert finding.estimate == other.estimate
            assert (finding.p_above, finding.p_below) == (other.p_above, other.p_below)


@pytest.mark.usefixtures("unrefuted")
def test_four_seeds_decide_nothing_but_show_the_effect(tmp_path):
    found, study = verdicts(write_world(tmp_path, np.random.default_rng(7), 1, seeds=4))
    assert set(found.values()) == {"undecided"}
    for conclusion in study.conclusions:
        for finding in conclusion.findings:
            assert finding.wants == "needs 1 more seed"
            assert finding.estimate.mean > 0
            assert finding.estimate.low is None


@pytest.mark.usefixtures("unrefuted")
def test_chance_gives_almost_no_verdicts(tmp_path):
    """Ten studies without effects: of 100 verdicts at most one is not `undecided`."""
    rng = np.random.default_rng(0)
    words = [word for n in range(10) for word in verdicts(write_world(tmp_path / str(n), rng, 0))[0].values()]
    assert len(words) == 100
    assert words.count("undecided") >= 99


def test_a_seed_counts_only_with_all_its_cells(tmp_path):
    root = write_world(tmp_path, np.random.default_rng(7), 1, seeds=6)
    (root / "random-4-5" / "evolution" / "index.jsonl").unlink()
    (root / "random-4-5" / "run.json").unlink()
    _, study = verdicts(root)
    findings = {f.hypothesis.key: f for c in study.conclusions for f in c.findings}
    assert list(findings["2a"].numbers) == [0, 1, 2, 3, 4]
    assert findings["2a"].missing == ("seed 5 lacks init=random with 4 classes",)
    assert list(findings["2b"].numbers) == [0, 1, 2, 3, 4, 5]


@pytest.mark.usefixtures("unrefuted")
def test_runs_of_one_init_test_the_hypotheses_about_it(tmp_path):
    found, study = verdicts(write_world(tmp_path, np.random.default_rng(7), 1, seeds=8, inits=["random"]))
    assert {key for key, word in found.items() if word == "supported"} == {"1a", "1b", "2a"}
    findings = {f.hypothesis.key: f for c in study.conclusions for f in c.findings}
    assert findings["5b"].missing == ("no run with init=pretrained",)
    assert findings["5b"].estimate is None


def test_the_family_includes_hypotheses_that_these_runs_cannot_test(tmp_path):
    _, study = verdicts(write_world(tmp_path, np.random.default_rng(7), 1, inits=["random"]))
    found = [f for c in study.conclusions for f in c.findings if f.estimate]
    smallest = min(found, key=lambda finding: finding.estimate.p_above)
    assert len(found) == 3
    assert smallest.p_above == pytest.approx(10 * smallest.estimate.p_above)
