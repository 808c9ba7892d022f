"""From when on a class is there."""

from __future__ import annotations

from collections.abc import Sequence


def emergence(values: Sequence[float | None]) -> int | None:
    """From which snapshot on a class is there: the first at which its recognition is at least half of its highest
    and stays so; None where it never is, or nothing was measured.

    Args:
        values: Of one class, such as `recognition/judge`, in the order of training; None where not measured.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    highest = max((value for _, value in known), default=0.0)
    if highest <= 0:
        return None
    below = [number for number, (_, value) in enumerate(known) if value < highest / 2]
    first = below[-1] + 1 if below else 0
    return known[first][0] if first < len(known) else None
