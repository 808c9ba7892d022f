"""Tests and intervals: exact values, and simulations with known truth."""

from math import comb

import numpy as np
import pytest
from scipy import stats

from featevo.study.statistics import estimate, exceedance, holm, median_interval, result, sign_test

FAMILY = 5


def test_the_sign_test_counts_signs():
    """Against the counted binomial tail."""
    numbers = np.array([0.1, 2, 3, 0.5, -0.1, 7, 1, 1, 1, 4])
    assert sign_test(numbers) == pytest.approx(sum(comb(10, k) for k in (9, 10)) / 2**10)
    assert sign_test(-numbers) == pytest.approx(1 - 1 / 2**10)
    assert sign_test(np.ones(12)) == pytest.approx(0.5**12)


def test_zeros_are_dropped_and_counted():
    found = estimate([0, 0, 1, 2, 3])
    assert (found.zeros, found.count) == (2, 5)
    assert found.p_above == pytest.approx(0.5**3)
    assert found.median == 1
    nothing = estimate([0.0] * 12)
    assert (nothing.p_above, nothing.p_below, nothing.t_above) == (1, 1, None)


def test_the_interval_is_of_order_statistics():
    """For twelve numbers the third from both ends: 1 - 2 * 79 / 4096 = 0.961."""
    numbers = np.array([5.0, 1, 12, 7, 3, 9, 2, 11, 4, 8, 6, 10])
    assert median_interval(numbers) == (3, 10)
    assert median_interval(numbers[:5]) == (None, None)
    assert median_interval(numbers[:6]) == (1, 12)
    for count in range(6, 40):
        sample = np.random.default_rng(count).normal(size=count)
        assert median_interval(sample) == tuple(stats.quantile_test(sample, q=0, p=0.5).confidence_interval(0.95))


def test_the_opposite_direction_is_tested_by_the_largest():
    found = estimate([-1.0] * 12, largest=[1.0] * 11 + [-1.0])
    assert found.p_above == 1
    assert found.p_below == pytest.approx(1 - 0.5**12)
    assert estimate([-1.0] * 12).p_below == pytest.approx(0.5**12)


def test_the_t_test_is_that_of_scipy_and_stands_beside():
    numbers = np.random.default_rng(0).normal(0.5, 1, 12)
    found = estimate(numbers)
    assert found.t_above == pytest.approx(stats.ttest_1samp(numbers, 0, alternative="greater").pvalue)
    assert found.deviation == pytest.approx(np.std(numbers, ddof=1))
    assert estimate([1.0]).deviation is None


def test_holm_corrects_step_by_step():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9, 0.001]) == pytest.approx([1, 1, 0.003])


def test_a_result_needs_twelve_seeds():
    assert result(11, 0.0001, 1) == "no verdict"
    assert result(12, 0.0001, 1) == "supported"
    assert result(12, 1, 0.0001) == "contradicted"
    assert result(12, 0.05, 1) == "undecided"


def test_the_exceedance_test_counts_arrangements():
    """Against all equally likely places of the twins among the ranks."""
    assert exceedance([5, 6, 1], [2, 3]) == (2, pytest.approx(3 / 10))
    count, p = exceedance(range(12), range(-4, 8))
    assert count == 4
    assert p == pytest.approx(comb(20, 12) / comb(24, 12))
    assert exceedance([1, 2], [2, 3]) == (0, 1)  # equal is not above


SAMPLES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "skewed": lambda rng, n: rng.exponential(size=n) - np.log(2),
    "whole": lambda rng, n: rng.normal(0, 0.8, n).round(),
}


def results_of(rng, draw, effects, seeds=12):
    """The results of a simulated study; effects are true medians, in the unit of the numbers."""
    found = [effect + draw(rng, seeds) for effect in effects]
    above, below = holm([sign_test(each) for each in found]), holm([sign_test(-each) for each in found])
    return [result(seeds, a, b) for a, b in zip(above, below, strict=True)]


@pytest.mark.parametrize("name", SAMPLES)
def test_false_results_are_at_most_five_percent(name):
    """200 studies without effects: each kind of wrong result in at most 5 %, plus two standard errors."""
    rng = np.random.default_rng(2)
    found = [results_of(rng, SAMPLES[name], [0.0] * FAMILY) for _ in range(200)]
    for word in ("supported", "contradicted"):
        assert np.mean([word in results for results in found]) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_the_correction_and_the_sign_test_are_needed():
    """Uncorrected tests and t-tests of skewed numbers would fail the test above."""
    rng = np.random.default_rng(3)
    alone = [any(sign_test(rng.normal(size=12)) < 0.05 for _ in range(FAMILY)) for _ in range(200)]
    assert np.mean(alone) > 0.07  # an exact test of 12 signs has a size of 0.019
    skewed = 1 - rng.exponential(size=(200, FAMILY, 12))
    by_t = [min(holm(stats.ttest_1samp(study, 0, axis=1, alternative="greater").pvalue)) for study in skewed]
    assert np.mean(np.array(by_t) < 0.05) > 0.15


def test_the_smaller_of_two_is_not_contradicted_by_chance():
    """Without an effect the smaller difference is mostly below 0, so the larger is tested for the opposite."""
    rng = np.random.default_rng(4)
    pairs = rng.normal(size=(300, 12, 2))
    right = [estimate(pair.min(1), pair.max(1)).p_below < 0.05 for pair in pairs]
    wrong = [estimate(pair.min(1)).p_below < 0.05 for pair in pairs]
    assert np.mean(right) < 0.02
    assert np.mean(wrong) > 0.3


@pytest.mark.parametrize(("seeds", "effect", "least", "most"), [(12, 1, 0.2, 0.6), (12, 2, 0.9, 1), (16, 1, 0.4, 0.8)])
def test_power_agrees_with_the_calibration(seeds, effect, least, most):
    """Share of true effects, in standard deviations over seeds, that are supported when three of five are true."""
    rng = np.random.default_rng(4)
    effects = [float(effect)] * 3 + [0.0] * 2
    found = [results_of(rng, SAMPLES["normal"], effects, seeds)[:3] for _ in range(100)]
    power = np.mean([word == "supported" for results in found for word in results])
    assert least < power <= most


def test_the_exceedance_test_is_exact():
    """Of studies without an effect at most 5 % have four or more numbers above the largest twin."""
    rng = np.random.default_rng(5)
    draws = rng.exponential(size=(2000, 2, 12))
    p = [exceedance(numbers, twins)[1] for numbers, twins in draws]
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)
    assert np.mean(np.array(p) < 0.05) > 0.03
