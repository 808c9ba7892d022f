"""The measures of the default run, for callbacks without a configuration; a test compares them with `conf/measures`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor

from featevo.measure.clones import Clones
from featevo.measure.information import Depth
from featevo.measure.judge import Judge
from featevo.measure.measuring import Measuring
from featevo.measure.picture import Contrast, Saturation, Used
from featevo.measure.subject import Measure, OfImages, Real

LabelledImages = Callable[[int], tuple[Tensor, Tensor]]
"""From a number n to at most n images of each class (N, C, H, W) in 0..1, and their classes (N,)."""

PICTURES = 16
"""Real images of each class."""


def default_measures(judge: Judge | None = None) -> list[Measure]:
    """All but the drift, which needs renders from further seeds."""
    return [Clones("patches"), Depth(), OfImages(Contrast()), OfImages(Saturation()), OfImages(Used())]


def default_measuring(real: LabelledImages | None) -> Measuring:
    """What computes them at each snapshot.

    Args:
        real: Returns validation images; None: only the measures of the renders alone are computed.
    """
    return Measuring(default_measures, None if real is None else partial(_real, real))


def _real(images: LabelledImages) -> Real:
    pixels, labels = images(PICTURES)
    # The measures of the default run use no training images.
    return Real(pixels, pixels, labels)
