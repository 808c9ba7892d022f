"""What a measure needs besides the images, as data."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Need(str, Enum):
    """What a measure uses besides the images."""

    network = "network"
    """The network that the images were made for, with the weights of that moment."""
    judge = "judge"
    """An independent network, calibrated on drawn scenes; the measure is built with it, as `judge=`."""
    embedding = "embedding"
    """The standardised features of an independent network."""
    real = "real"
    """Labelled real images."""
    seeds = "seeds"
    """Renders of the same classes from further seeds."""
    before = "before"
    """The renders of the snapshot before."""


OF_SNAPSHOTS = frozenset({Need.seeds, Need.before})
"""What controls do not have."""


def uses_renders(measure: Any) -> bool:
    """Whether a measure depends on the renders; one that states `uses_renders = False` is about the network alone."""
    return bool(getattr(measure, "uses_renders", True))


def needs_of(measure: Any) -> frozenset[Need]:
    """What a measure, or its class, needs; one without `needs` is taken to need the network."""
    return getattr(measure, "needs", frozenset({Need.network}))


def uses_images_only(measure: Any) -> bool:
    """Whether a measure maps images (B, 3, H, W) to values; others map a `Subject`."""
    return needs_of(measure) <= {Need.judge}
