"""From one number per seed to interval, tests, correction and verdict.

Seeds are the statistical unit, because the snapshots of one run depend on each other. The methods were chosen by
simulation (docs/study-calibration.md): nominal 95 % percentile and BCa intervals of five numbers cover only 80 to 87 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from featevo.study.choices import ALPHA, LEAST_SEEDS, LEVEL, RESAMPLES
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED


@dataclass(frozen=True)
class Estimate:
    """Statistics of a sample, for the mean of its population.

    Attributes:
        count: Number of seeds.
        mean: The effect, in its own unit.
        deviation: Standard deviation over seeds, n - 1 in the denominator.
        standardised: Mean divided by the deviation (Cohen's d of one sample); None where the deviation is 0.
        low, high: Interval of the mean; None below `LEAST_SEEDS` numbers.
        p_above: One-sided t-test of a mean of at most 0 against a mean above 0.
        p_below: The same in the opposite direction.
        p_signs: As `p_above`, by the exact sign-flip test, which assumes only symmetry: at least 0.5 ** count.
    """

    count: int
    mean: float
    deviation: float
    standardised: float | None
    low: float | None
    high: float | None
    p_above: float
    p_below: float
    p_signs: float


def estimate(sample: Sequence[float] | np.ndarray) -> Estimate:
    """Describe two or more numbers, one per seed.

    Where all are equal, the t-test is not defined; the sign-flip test is used instead.
    """
    numbers = np.asarray(sample, dtype=float)
    mean, deviation = float(numbers.mean()), float(numbers.std(ddof=1))
    above, below = sign_flips(numbers), sign_flips(-numbers)
    spread = deviation > 1e-9 * max(1.0, abs(mean))
    low, high = studentized_interval(numbers) if len(numbers) >= LEAST_SEEDS else (None, None)
    return Estimate(
        count=len(numbers),
        mean=mean,
        deviation=deviation,
        standardised=mean / deviation if spread else None,
        low=low,
        high=high,
        p_above=float(stats.ttest_1samp(numbers, 0, alternative="greater").pvalue) if spread else above,
        p_below=float(stats.ttest_1samp(numbers, 0, alternative="less").pvalue) if spread else below,
        p_signs=above,
    )


def sign_flips(numbers: np.ndarray) -> float:
    """p of the sign-flip test: share of the sign patterns of `numbers`, shape (n,), with at least the observed mean."""
    most = RESAMPLES if len(numbers) > 13 else np.inf  # exact up to 2 ** 13 patterns
    test = stats.permutation_test(
        (numbers,),
        np.mean,
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=most,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def studentized_interval(numbers: np.ndarray) -> tuple[float, float]:
    """Bootstrap-t interval of the mean of `numbers`, shape (n,) (Efron and Tibshirani 1993, section 12.5).

    Many ties, as in whole epochs, make it infinite; then it is Student's t interval.
    """
    count, mean = len(numbers), numbers.mean()
    drawn = numbers[np.random.default_rng(0).integers(count, size=(RESAMPLES, count))]
    away, error = drawn.mean(axis=1) - mean, drawn.std(axis=1, ddof=1)
    # A resample of equal numbers has no error, so its t is infinite.
    t = np.divide(away, error, out=np.copysign(np.inf, away), where=error > 1e-12 * max(1.0, abs(mean)))
    t[away == 0] = 0.0
    below, above = np.quantile(t, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    deviation = numbers.std(ddof=1)
    if not np.isfinite([below, above]).all():
        above = stats.t.ppf((1 + LEVEL) / 2, count - 1) / np.sqrt(count)
        below = -above
    return float(mean - above * deviation), float(mean - below * deviation)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p values of a family (Holm 1979): limits the probability of any false rejection."""
    order = np.argsort(p_values)
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in corrected]


def verdict(found: Estimate, above: float, below: float) -> str:
    """The verdict on the hypothesis that the mean is above 0, from the corrected `p_above` and `p_below`."""
    if found.low is None or found.high is None:
        return UNDECIDED
    if above < ALPHA and found.low > 0:
        return SUPPORTED
    if below < ALPHA and found.high < 0:
        return CONTRADICTED
    return UNDECIDED
