"""From one number per seed to an estimate and exact tests. Seeds are the statistical unit.

The sign test and the interval of the median are exact for every continuous distribution, skewed ones too;
docs/study-calibration.md has simulations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from featevo.study.choices import ALPHA, LEAST_SEEDS, LEVEL
from featevo.study.verdicts import CONTRADICTED, NONE, SUPPORTED, UNDECIDED

Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Estimate:
    """Statistics of one number per seed.

    Attributes:
        count: Number of seeds.
        zeros: Seeds whose number is 0; the sign test leaves them out.
        median: The effect, in its own unit.
        low, high: Interval of the median from order statistics; None where so few seeds have none.
        mean: Of the numbers.
        deviation: Standard deviation over seeds, n - 1 in the denominator; None for one seed.
        p_above: Exact one-sided sign test of a median of at most 0 against one above 0.
        p_below: The same in the opposite direction, of the largest numbers.
        t_above, t_below: Student's t-test of the means of the same numbers; None where it is not defined.
    """

    count: int
    zeros: int
    median: float
    low: float | None
    high: float | None
    mean: float
    deviation: float | None
    p_above: float
    p_below: float
    t_above: float | None
    t_below: float | None


def estimate(sample: Numbers, largest: Numbers | None = None) -> Estimate:
    """Describe one number per seed.

    Args:
        sample: The numbers. If a number is the smallest of several differences, it is above 0 where all are.
        largest: For each seed the largest of its differences, which is below 0 where all are; None: as `sample`.
    """
    numbers = np.asarray(sample, dtype=float)
    opposite = numbers if largest is None else np.asarray(largest, dtype=float)
    low, high = median_interval(numbers)
    return Estimate(
        count=len(numbers),
        zeros=int((numbers == 0).sum()),
        median=float(np.median(numbers)),
        low=low,
        high=high,
        mean=float(numbers.mean()),
        deviation=float(numbers.std(ddof=1)) if len(numbers) > 1 else None,
        p_above=sign_test(numbers),
        p_below=sign_test(-opposite),
        t_above=_t_test(numbers),
        t_below=_t_test(-opposite),
    )


def sign_test(numbers: np.ndarray) -> float:
    """p of the exact sign test that the median is above 0; numbers (n,) that are 0 are left out."""
    positive, signed = int((numbers > 0).sum()), int((numbers != 0).sum())
    return float(stats.binomtest(positive, signed, alternative="greater").pvalue) if signed else 1.0


def _t_test(numbers: np.ndarray) -> float | None:
    if len(numbers) < 2 or np.ptp(numbers) < 1e-12:
        return None
    return float(stats.ttest_1samp(numbers, 0, alternative="greater").pvalue)


def median_interval(numbers: np.ndarray) -> tuple[float | None, float | None]:
    """Interval of the median of numbers (n,) with a coverage of at least `LEVEL`, whatever their distribution."""
    place = int(stats.binom.ppf((1 - LEVEL) / 2, len(numbers), 0.5))  # from either end, counted from 1
    ordered = np.sort(numbers)
    return (float(ordered[place - 1]), float(ordered[-place])) if place else (None, None)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct the p values of a family (Holm 1979): limits the probability of any false rejection."""
    order = np.argsort(p_values)
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(p) for p in corrected]


def result(count: int, above: float, below: float) -> str:
    """The result of a test from the number of seeds and the corrected `p_above` and `p_below`."""
    if count < LEAST_SEEDS:
        return NONE
    return SUPPORTED if above < ALPHA else CONTRADICTED if below < ALPHA else UNDECIDED


def exceedance(numbers: Numbers, twins: Numbers) -> tuple[int, float]:
    """Whether some numbers are larger than any that arise without a cause: an exact exceedance test.

    Args:
        numbers: Of n seeds, at least one.
        twins: Of m seeds of the control, at least one.

    Returns:
        How many numbers are above the largest of the twins, k, and the probability of at least k where all n + m are
        exchangeable: that the k largest of n + m, drawn without replacement, are all among the n (hypergeometric).
    """
    above = int((np.asarray(numbers) > max(twins)).sum())
    return above, float(stats.hypergeom.pmf(above, len(numbers) + len(twins), len(numbers), above))
