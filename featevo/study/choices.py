"""All choices that were made before the study's runs; `docs/study-plan.md` is generated from them."""

from __future__ import annotations

COMPLEXITY = "complexity/effective_rank"
CONFUSION = "confusion/crops"
RECOGNITION = "recognition/judge"
"""The primary measures, by their names in the record."""

ALPHA = 0.05
"""Probability of any wrong `supported` in the whole family of hypotheses; the same for any wrong `contradicted`."""

LEAST_SEEDS = 5
"""With fewer seeds the verdict is always `undecided`."""

LEVEL = 0.95
"""Confidence level of the two-sided interval."""

RESAMPLES = 9_999
"""Bootstrap resamples of the seeds; drawn with seed 0, so that the same runs give the same interval."""

LAST = 3
"""Snapshots at the end of a run that are averaged, because one render alone is noisy."""

SATURATED = 0.02
"""The accuracy of a run saturates at the first epoch that is at most this below its best, in units of accuracy: about
one standard error of an accuracy near 90 % that is measured on a few hundred images."""

AFTER = 4
"""Snapshots that a run needs from saturation on, for the change of complexity after saturation."""

REACHED = 0.9
"""Validation accuracy; the first epoch that reaches it measures how early a network learns."""

OVERFIT = 0.05
"""A run overfits when its last validation loss is more than this fraction above the minimum."""

WINDOW = 3
"""Epochs of the running mean that smooths a curve before its minimum is found."""

TREND = 3
"""Degree of the polynomial in time that is subtracted from two curves before they are correlated."""

LEAST_EPOCHS = 10
"""Epochs that a curve needs for that correlation."""
