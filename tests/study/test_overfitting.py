"""Curves that rise, and curves that only move by noise."""

import numpy as np
import pytest

from featevo.study.overfitting import noise, overfits, rise
from featevo.study.runs import Missing

TIME = np.arange(60)


def by_epoch(values):
    return dict(enumerate(values, 1))


def test_noise_is_a_standard_deviation_without_the_trend():
    rng = np.random.default_rng(0)
    found = [noise(3 - TIME / 20 + 0.1 * rng.normal(size=60)) for _ in range(200)]
    assert np.mean(found) == pytest.approx(0.1, rel=0.05)
    spiked = 0.1 * rng.normal(size=60)
    spiked[::15] += 5
    assert noise(spiked) < 0.2


def test_the_rise_is_from_the_smallest_median_to_the_last():
    """Medians are immune to two single epochs; the noise is that of the zigzag, by hand."""
    losses = np.where(TIME % 2, 1.01, 0.99)
    losses[30:] += 1
    losses[[3, 57]] = 0, 9
    spread = 1.4826 * 0.04 / np.sqrt(6)
    assert rise(by_epoch(losses)) == pytest.approx((2.01 - 0.99) / spread)


def test_a_curve_without_noise():
    assert rise(by_epoch(1 / (1 + TIME))) == 0
    assert rise(by_epoch(np.ones(60))) == 0
    assert rise(by_epoch(TIME)) == np.inf


def test_rising_losses_overfit_and_plateaus_do_not():
    rng = np.random.default_rng(1)
    falling = 2 * np.exp(-TIME / 10) + 1
    rising = falling + np.clip(TIME - 10, 0, None) / 25
    for _ in range(100):
        around = 0.1 * rng.normal(size=60)
        assert not overfits(by_epoch(falling + around))
        assert not overfits(by_epoch(1 + around))
        assert overfits(by_epoch(rising + around / 2))


def test_short_curves_are_refused():
    with pytest.raises(Missing, match="a validation loss has 44 epochs; 45 are needed to see overfitting"):
        rise(by_epoch(range(44)))
