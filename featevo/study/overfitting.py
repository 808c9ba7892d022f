"""Whether a run overfits: its validation loss rises above its minimum by much more than its own noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from featevo.study.choices import NOISES, WINDOW
from featevo.study.runs import Missing

LEAST_EPOCHS = 3 * WINDOW


def noise(losses: np.ndarray) -> float:
    """The standard deviation of a curve (E,) about its trend.

    The trend is taken out by second differences, whose variance is 6 times that of independent noise, and single peaks
    by the median: sd = 1.4826 median|d| / sqrt(6).
    """
    return float(1.4826 * np.median(np.abs(np.diff(losses, 2))) / np.sqrt(6))


def rise(val_loss: Mapping[int, float]) -> float:
    """How far the validation loss by epoch ends above its minimum, in units of its own noise.

    Both are medians of `WINDOW` epochs: the last ones, and those with the smallest median.

    Raises:
        Missing: There are too few epochs.
    """
    if len(val_loss) < LEAST_EPOCHS:
        raise Missing(f"a validation loss has {len(val_loss)} epochs; {LEAST_EPOCHS} are needed to see overfitting")
    losses = np.array([val_loss[epoch] for epoch in sorted(val_loss)])
    medians = np.median(np.lib.stride_tricks.sliding_window_view(losses, WINDOW), axis=1)
    above, spread = float(medians[-1] - medians.min()), noise(losses)
    return above / spread if spread > 0 else float(np.inf) if above > 0 else 0.0


def overfits(val_loss: Mapping[int, float]) -> bool:
    """Whether the rise is above `NOISES`."""
    return rise(val_loss) > NOISES
