"""Part c: what a measure says of renders of networks whose features are known by construction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownTruth:
    """The result of part c for one measure.

    Attributes:
        means: By network, the measure's mean over its renders.
        passed: Whether these are in the order of what the networks use.
        reason: By what it passes or fails, in one line.
    """

    means: dict[str, float | None]
    passed: bool
    reason: str
