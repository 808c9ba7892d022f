"""All choices that were made before the study's runs; `docs/study-plan.md` is generated from them and from `ARMS`."""

from __future__ import annotations

PRIMARY, REPLICATION = "scenes", "fashion_mnist"
"""The data sets (`data.name`). The hypotheses are tested on each as a family of its own."""

VIEWER = "efficientnet_lite0"
"""The network whose `likeness/<viewer>` is tested; it passes the gate (docs/measures.md)."""

OTHER_VIEWER = "vgg16"
"""Reported beside it. It fails the gate in 2 of 12 seeds, and the shipped weights were taught by it."""

CONTRAST = "picture/contrast"
"""Reported beside each difference of likeness."""

ALPHA = 0.05
"""Probability of any wrong `supported` in a family of hypotheses; the same for any wrong `contradicted`."""

LEAST_SEEDS = 12
"""With fewer seeds there are estimates without verdicts."""

LEVEL = 0.95
"""Least coverage of the interval of the median."""

LAST = 2
"""Snapshots at the end of a run that are averaged."""

WINDOW = 15
"""Epochs whose median stands for the validation loss at the minimum and at the end."""

NOISES = 6.0
"""A run overfits when its validation loss ends more than this many times its noise above its minimum."""

SATURATED = 0.02
"""The accuracy saturates at the first epoch that is at most this below the best, in units of accuracy."""

REACHED = 0.95
"""Learning is early when the epoch is early that first reaches this share of the best accuracy of `eight`."""
