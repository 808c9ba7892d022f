"""One number per seed, and what may be concluded from them: interval, tests, correction, verdict.

Seeds are the unit: snapshots of one run depend on each other and are never counted. The methods were chosen by
simulation (docs/study-plan.md): percentile and BCa intervals of five numbers cover 80 to 87 % where 95 % is said.
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
    """What a sample says about the mean of the population it is from.

    Attributes:
        count: Numbers in it, one per seed.
        mean: The effect, in its own unit.
        deviation: Standard deviation over seeds, n - 1 in the denominator.
        standardised: Mean in units of the deviation (Cohen's d of one sample); None where there is no deviation.
        low, high: Interval of the mean; None below `LEAST_SEEDS` numbers.
        p_above: Of the hypothesis that the mean is at most 0, against it being above; one-sided t-test.
        p_below: Of the hypothesis that the mean is at least 0.
        p_signs: As `p_above`, by the exact sign-flip test, which assumes symmetry alone: at least 0.5 ** count.
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

    Where all are equal a t-test knows no spread and would believe anything: sign flips take its place.
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
    """Share of all sign patterns of these numbers, shape (n,), whose mean is at least the one observed."""
    most = RESAMPLES if len(numbers) > 13 else np.inf  # 2 ** 13 patterns are counted one by one
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
    """Bootstrap-t interval of the mean over seeds (Efron and Tibshirani 1993, section 12.5).

    Where ties leave it without a bound, as whole epochs may, it is Student's t interval.

    Args:
        numbers: Shape (n,).
    """
    count, mean = len(numbers), numbers.mean()
    drawn = numbers[np.random.default_rng(0).integers(count, size=(RESAMPLES, count))]
    away, error = drawn.mean(axis=1) - mean, drawn.std(axis=1, ddof=1)
    # A resample of one number over and over is infinitely far away, on its own side.
    t = np.divide(away, error, out=np.copysign(np.inf, away), where=error > 1e-12 * max(1.0, abs(mean)))
    t[away == 0] = 0.0
    below, above = np.quantile(t, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    deviation = numbers.std(ddof=1)
    if not np.isfinite([below, above]).all():
        above = stats.t.ppf((1 + LEVEL) / 2, count - 1) / np.sqrt(count)
        below = -above
    return float(mean - above * deviation), float(mean - below * deviation)


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected for being a family (Holm 1979): the chance of any false rejection is kept at the level."""
    order = np.argsort(p_values)
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in corrected]


def verdict(found: Estimate, above: float, below: float) -> str:
    """What is concluded of the claim that the mean is above 0.

    Args:
        found: The estimate.
        above: Its `p_above`, corrected.
        below: Its `p_below`, corrected.
    """
    if found.low is None or found.high is None:
        return UNDECIDED
    if above < ALPHA and found.low > 0:
        return SUPPORTED
    if below < ALPHA and found.high < 0:
        return CONTRADICTED
    return UNDECIDED
