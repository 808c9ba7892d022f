"""Schedules: settings that change during a render, such as a falling step size or a fading blur."""

from __future__ import annotations

import math
from dataclasses import dataclass

SHAPES = ("linear", "cosine", "geometric")
"""How a schedule goes from start to end."""


@dataclass(frozen=True)
class Schedule:
    """A number that goes from `start` at the first step to `end` at the last.

    A cosine schedule of the step size from twice its constant value to a quarter of it reaches the same activation in
    half the steps (`featevo.visualize.NormalisedAscent(Schedule(0.12, 0.015))`).

    Args:
        start: Value at the first step.
        end: Value at the last step.
        shape: "cosine" (slow, fast, slow), "linear" or "geometric" (equal ratios; both ends above 0).

    Raises:
        ValueError: For an unknown shape, or a geometric schedule with an end that is not above 0.
    """

    start: float
    end: float
    shape: str = "cosine"

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape={self.shape!r}: there are {', '.join(SHAPES)}")
        if self.shape == "geometric" and min(self.start, self.end) <= 0:
            raise ValueError(f"start={self.start}, end={self.end}: a geometric schedule needs both above 0")

    def at(self, progress: float) -> float:
        """The value at a progress from 0 (first step) to 1 (last)."""
        if self.shape == "geometric":
            value = self.start * (self.end / self.start) ** progress
        else:
            along = progress if self.shape == "linear" else (1 - math.cos(math.pi * progress)) / 2
            value = self.start + (self.end - self.start) * along
        return min(max(value, least(self)), most(self))  # rounding must not leave the range that was checked


Setting = float | Schedule
"""A number, constant or scheduled."""


def at(setting: Setting, progress: float) -> float:
    """The value of a setting at a progress from 0 to 1."""
    return setting.at(progress) if isinstance(setting, Schedule) else setting


def least(setting: Setting) -> float:
    """The smallest value of a setting."""
    return min(setting.start, setting.end) if isinstance(setting, Schedule) else setting


def most(setting: Setting) -> float:
    """The largest value of a setting."""
    return max(setting.start, setting.end) if isinstance(setting, Schedule) else setting
