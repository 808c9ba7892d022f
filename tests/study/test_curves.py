"""Curves with known saturation, turning point and correlation."""

import numpy as np
import pytest

from featevo.study.curves import (
    detrended_correlation,
    overfits,
    rank_correlation,
    reached,
    rise_after,
    saturation,
    turning,
)
from featevo.study.runs import Missing


def by_epoch(values):
    return dict(enumerate(values, 1))


def test_saturation_is_the_first_epoch_near_the_best():
    assert saturation(by_epoch([0.5, 0.8, 0.87, 0.88, 0.8, 0.9])) == 4
    assert saturation(by_epoch([0.9, 0.5])) == 1


def test_the_rise_after_saturation_is_relative_and_not_moved_by_one_outlier():
    assert rise_after(by_epoch([5, 1, 9, 9.5, 10, 10.5, 11]), 3) == pytest.approx(0.2)
    assert rise_after(by_epoch([9, 9.5, 10, 10.5, 31]), 1) == pytest.approx(2 / 14)
    assert rise_after(by_epoch([1, 2, 3, 4]), 2) is None


def test_the_turn_is_the_minimum_of_the_running_mean():
    assert turning(by_epoch([9, 0, 9, 6, 5, 4, 3, 4, 5, 6, 7, 8])) == 7  # not the single low value at 2
    assert turning(by_epoch(range(12))) == 2
    assert turning(by_epoch(range(12, 0, -1))) == 11
    with pytest.raises(Missing, match="a curve has 6 epochs; 10 are needed"):
        turning(by_epoch(range(6)))


def test_overfitting_is_a_loss_that_ends_above_its_minimum():
    falling = [1 / epoch for epoch in range(1, 13)]
    assert not overfits(by_epoch(falling))
    assert not overfits(by_epoch([*falling[:9], 0.112, 0.112, 0.112]))
    assert overfits(by_epoch([*falling[:9], 0.2, 0.2, 0.2]))


def test_an_accuracy_that_is_never_reached_gives_one_more_epoch():
    assert reached(by_epoch([0.5, 0.9, 0.8, 0.95])) == 2
    assert reached(by_epoch([0.5, 0.6])) == 3


def test_ranks_correlate_over_the_epochs_both_have():
    first, second = by_epoch([1, 2, 4, 8, 16, 32]), by_epoch([1, 2, 3, 4, 5])
    assert rank_correlation(first, second) == pytest.approx(1)
    assert rank_correlation(first, by_epoch([5, 4, 3, 2, 1])) == pytest.approx(-1)
    with pytest.raises(Missing, match="5 are needed"):
        rank_correlation(first, by_epoch([1, 2]))
    with pytest.raises(Missing, match="does not change"):
        rank_correlation(first, by_epoch([1] * 6))


@pytest.mark.parametrize("trend", [lambda t: 3 * t, lambda t: 3 * t**2, lambda t: 3 * (1 - np.exp(-4 * t))])
def test_detrending_removes_a_shared_trend_and_keeps_a_shared_cause(trend):
    rng = np.random.default_rng(0)
    time = np.linspace(0, 1, 20)
    unrelated, raw, related = [], [], []
    for _ in range(100):
        a, b, cause = rng.normal(0, 0.3, (3, 20))
        curves = by_epoch(trend(time) + a), by_epoch(trend(time) + b)
        raw.append(rank_correlation(*curves))
        unrelated.append(detrended_correlation(*curves))
        related.append(detrended_correlation(by_epoch(trend(time) + a + cause), by_epoch(trend(time) + b + cause)))
    assert np.mean(raw) > 0.5
    assert abs(np.mean(unrelated)) < 0.06
    assert np.mean(related) > 0.35
