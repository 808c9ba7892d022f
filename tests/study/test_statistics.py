"""Estimates and verdicts agree with scipy and enumeration, and with the known truth of simulated studies."""

import itertools

import numpy as np
import pytest
from scipy import stats

from featevo.study.statistics import estimate, holm, sign_flips, studentized_interval, verdict

FAMILY = 10


def test_the_estimate_agrees_with_numpy_and_scipy():
    sample = [0.2, 1.4, -0.3, 0.9, 2.0, 0.7]
    found = estimate(sample)
    assert found.count == 6
    assert found.mean == pytest.approx(np.mean(sample))
    assert found.standardised == pytest.approx(np.mean(sample) / np.std(sample, ddof=1))
    assert found.p_above == pytest.approx(stats.ttest_1samp(sample, 0, alternative="greater").pvalue)
    assert found.p_below == pytest.approx(1 - found.p_above)
    low, high = studentized_interval(np.array(sample))
    assert (found.low, found.high) == (low, high)
    assert low < found.mean < high


def test_sign_flips_agree_with_enumeration():
    numbers = np.array([0.5, -0.2, 1.5, 0.1, 0.4])
    means = [np.mean(numbers * signs) for signs in itertools.product([1, -1], repeat=5)]
    assert sign_flips(numbers) == pytest.approx(np.mean(np.array(means) >= numbers.mean() - 1e-12))
    assert sign_flips(np.ones(5)) == 1 / 32


def test_equal_numbers_use_the_sign_flip_test():
    assert estimate([1.0] * 5).p_above == 1 / 32
    assert estimate([1.0] * 5).standardised is None
    assert estimate([0.0] * 5).p_above == estimate([0.0] * 5).p_below == 1
    assert studentized_interval(np.array([2.0, 2, 2, 2, 1])) == pytest.approx(stats.t.interval(0.95, 4, 1.8, 0.2))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]


def test_verdicts_need_both_the_test_and_the_interval():
    found = estimate([2.0, 2.2, 1.9, 2.4, 2.1])
    assert verdict(found, 0.01, 1.0) == "supported"
    assert verdict(found, 0.06, 1.0) == "undecided"
    assert verdict(estimate([-2.0, -2.2, -1.9, -2.4, -2.1]), 1.0, 0.01) == "contradicted"
    assert verdict(estimate([-2.0, 2.2, 1.9, 2.4, 2.1]), 0.01, 1.0) == "undecided"
    assert verdict(estimate([2.0, 2.2, 1.9, 2.4]), 0.01, 1.0) == "undecided"


@pytest.mark.parametrize(
    "draw", [lambda rng: rng.normal(size=5), lambda rng: rng.exponential(size=5) - 1], ids=["normal", "skewed"]
)
def test_the_interval_has_the_nominal_coverage(draw):
    """Percentile and BCa intervals of five cover 0.78 to 0.87 here."""
    rng = np.random.default_rng(1)
    intervals = [studentized_interval(draw(rng)) for _ in range(600)]
    assert 0.91 < np.mean([low <= 0 <= high for low, high in intervals]) < 0.98


def verdicts_of(rng, effects, seeds):
    """The verdicts of a simulated study; `effects` are the true effects, in standard deviations over seeds."""
    found = [estimate(effect + rng.normal(size=seeds)) for effect in effects]
    above, below = holm([f.p_above for f in found]), holm([f.p_below for f in found])
    return [verdict(f, a, b) for f, a, b in zip(found, above, below, strict=True)]


@pytest.mark.parametrize("seeds", [5, 8])
def test_false_verdicts_are_at_most_five_percent(seeds):
    """200 studies without effects: each kind of wrong verdict in at most 5 %, plus two standard errors."""
    rng = np.random.default_rng(2)
    found = [verdicts_of(rng, [0.0] * FAMILY, seeds) for _ in range(200)]
    for word in ("supported", "contradicted"):
        assert np.mean([word in verdicts for verdicts in found]) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_the_correction_is_needed():
    """Without it a quarter of the studies without effects would support something, and the test above would fail."""
    rng = np.random.default_rng(3)
    alone = [any(estimate(rng.normal(size=5)).p_above < 0.05 for _ in range(FAMILY)) for _ in range(200)]
    assert np.mean(alone) > 0.25


@pytest.mark.parametrize(
    ("seeds", "effect", "least", "most"), [(5, 1, 0.02, 0.25), (5, 2, 0.4, 0.75), (8, 1, 0.2, 0.55), (8, 2, 0.9, 1)]
)
def test_power_agrees_with_the_calibration(seeds, effect, least, most):
    """Share of true effects that are supported when half of the family is true."""
    rng = np.random.default_rng(4)
    found = [verdicts_of(rng, [float(effect)] * 5 + [0.0] * 5, seeds)[:5] for _ in range(100)]
    power = np.mean([word == "supported" for verdicts in found for word in verdicts])
    assert least < power <= most
