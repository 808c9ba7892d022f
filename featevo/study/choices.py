"""All that was chosen before the study's runs, in one place; `docs/study-plan.md` is written from it."""

from __future__ import annotations

COMPLEXITY = "complexity/effective_rank"
CONFUSION = "confusion/crops"
RECOGNITION = "recognition/judge"
"""The primary measures: the names under which a snapshot and its renders record them."""

ALPHA = 0.05
"""Chance of any wrong `supported` over the whole family of hypotheses, and as much of any wrong `contradicted`."""

LEAST_SEEDS = 5
"""With fewer seeds no verdict is given, whatever the numbers are."""

LEVEL = 0.95
"""Of the interval, two-sided."""

RESAMPLES = 9_999
"""Of the seeds, for the interval; their own seed is 0, so that the same runs give the same interval."""

LAST = 3
"""Snapshots at a run's end whose mean stands for the end: one picture alone is noisy."""

SATURATED = 0.02
"""A run's accuracy has saturated at the first epoch within this of its best, as a fraction: about one standard error
of an accuracy near 90 % that is measured on a few hundred pictures."""

AFTER = 4
"""Snapshots that a run must have from saturation on to say how complexity changes there."""

REACHED = 0.9
"""Validation accuracy whose first epoch says how early a network learns."""

OVERFIT = 0.05
"""A run overfits when the validation loss at its end is more than this fraction above its minimum."""

WINDOW = 3
"""Epochs of the running mean through which a curve's minimum is looked for."""

TREND = 3
"""Degree of the polynomial in time that is taken out of two curves before they are correlated."""

LEAST_EPOCHS = 10
"""Epochs that a curve must have to be correlated after that."""
