"""Features of curves over epochs: saturation, turning point, rise, and correlation of two curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from featevo.study.choices import AFTER, LEAST_EPOCHS, OVERFIT, REACHED, SATURATED, TREND, WINDOW
from featevo.study.runs import Missing

Curve = Mapping[int, float]
"""Value by epoch."""


def rank_correlation(first: Curve, second: Curve) -> float:
    """Spearman's correlation over the epochs that both have, in [-1, 1]."""
    return _spearman(*_aligned(first, second, least=5))


def detrended_correlation(first: Curve, second: Curve) -> float:
    """Spearman's correlation after a polynomial in time is subtracted from both curves.

    Unrelated curves correlate when both have a trend (Yule 1926). docs/study-calibration.md compares this method with
    differences and other polynomials.
    """
    a, b = _aligned(first, second, LEAST_EPOCHS)
    time = np.linspace(-1, 1, len(a))
    return _spearman(*(series - np.polyval(np.polyfit(time, series, TREND), time) for series in (a, b)))


def saturation(accuracy: Curve) -> int:
    """First epoch with an accuracy within `SATURATED` of the best."""
    best = max(accuracy.values())
    return min(epoch for epoch, value in accuracy.items() if value >= best - SATURATED - 1e-9)


def rise_after(curve: Curve, start: int) -> float | None:
    """Change from `start` to the end along the Theil-Sen line, as a fraction of the mean there.

    None where fewer than `AFTER` epochs are left.
    """
    epochs = sorted(epoch for epoch in curve if epoch >= start)
    if len(epochs) < AFTER:
        return None
    values = np.array([curve[epoch] for epoch in epochs])
    return float(stats.theilslopes(values, epochs).slope * (epochs[-1] - epochs[0]) / values.mean())


def turning(curve: Curve) -> int:
    """Epoch with the lowest running mean."""
    epochs, smooth = _smooth(curve)
    return epochs[int(np.argmin(smooth))]


def overfits(val_loss: Curve) -> bool:
    """Whether the smoothed validation loss ends more than the fraction `OVERFIT` above its minimum."""
    _, smooth = _smooth(val_loss)
    return bool(smooth[-1] > (1 + OVERFIT) * smooth.min())


def reached(accuracy: Curve) -> int:
    """First epoch with an accuracy of at least `REACHED`; the last epoch plus 1 where there is none."""
    return min((epoch for epoch, value in accuracy.items() if value >= REACHED), default=max(accuracy) + 1)


def _smooth(curve: Curve) -> tuple[list[int], np.ndarray]:
    if len(curve) < LEAST_EPOCHS:
        raise Missing(f"a curve has {len(curve)} epochs; {LEAST_EPOCHS} are needed")
    epochs = sorted(curve)
    values = np.convolve([curve[epoch] for epoch in epochs], np.full(WINDOW, 1 / WINDOW), mode="valid")
    return epochs[WINDOW // 2 : len(epochs) - WINDOW // 2], values


def _aligned(first: Curve, second: Curve, least: int) -> tuple[np.ndarray, np.ndarray]:
    epochs = sorted(first.keys() & second.keys())
    if len(epochs) < least:
        raise Missing(f"a run has {len(epochs)} snapshots; {least} are needed (evolution.trigger=every_epoch)")
    return np.array([first[epoch] for epoch in epochs]), np.array([second[epoch] for epoch in epochs])


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(a) < 1e-12 or np.ptp(b) < 1e-12:
        raise Missing("a curve does not change, so it has no correlation")
    return float(stats.spearmanr(a, b).statistic)
