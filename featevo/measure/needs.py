"""What a measure needs besides the images, as data."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Need(str, Enum):
    """What a measure uses besides the images."""

    network = "network"
    """The network that drew them, with the weights of that moment."""
    judge = "judge"
    """An independent network that has learned the classes."""
    features = "features"
    """The features alone of an independent network."""
    real = "real"
    """Labelled real images."""
    seeds = "seeds"
    """Images of the same classes from further seeds."""
    before = "before"
    """The images of the snapshot before."""


def needs_of(measure: Any) -> frozenset[Need]:
    """What a measure, or its class, needs; one that does not say is taken to need the network."""
    return getattr(measure, "needs", frozenset({Need.network}))


def looks_at_images_alone(measure: Any) -> bool:
    """Whether a measure maps images (B, 3, H, W) to values; others map a `Subject`."""
    return needs_of(measure) <= {Need.features}
