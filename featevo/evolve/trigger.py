"""The decision when to take a snapshot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = ("improvement", "every_epoch", "every_n")
MODES = ("max", "min")


class Trigger:
    """Decides after each validation whether to take a snapshot, and keeps the best value itself.

    Lightning's ModelCheckpoint runs after other callbacks, so its best value is one validation late here.

    Args:
        kind: "improvement": validations better than all before; "every_epoch"; "every_n": epochs n, 2n, 3n, ...
        every_n: The n of "every_n".
        mode: Whether larger ("max") or smaller ("min") values are better.
        min_delta: An improvement must be larger than this; equal values are none.

    Raises:
        ValueError: For an unknown kind or mode, n below 1, or a delta that is negative or not finite.
    """

    def __init__(self, kind: str = "improvement", every_n: int = 1, mode: str = "max", min_delta: float = 0.0) -> None:
        if kind not in KINDS:
            raise ValueError(f"trigger={kind}: there are {', '.join(KINDS)}")
        if mode not in MODES:
            raise ValueError(f"mode={mode}: max or min")
        if not (every_n >= 1 and 0 <= min_delta < math.inf):
            raise ValueError(f"every_n={every_n} must be at least 1, min_delta={min_delta} finite and at least 0")
        self.kind, self.every_n, self.mode, self.min_delta = kind, every_n, mode, min_delta
        self.reset()

    def reset(self) -> None:
        """Forget all earlier values."""
        self.best: float | None = None
        self.best_epoch: int | None = None

    def fires(self, epoch: int, value: float | None) -> bool:
        """Decide by the monitored value of an epoch (counted from 1); NaN and infinities never improve."""
        improved = value is not None and math.isfinite(value) and self._improves(value)
        if improved:
            self.best, self.best_epoch = value, epoch
        if self.kind == "improvement":
            return improved
        return self.kind == "every_epoch" or epoch % self.every_n == 0

    def _improves(self, value: float) -> bool:
        if self.best is None:
            return True
        gain = value - self.best if self.mode == "max" else self.best - value
        return gain > self.min_delta

    def state_dict(self) -> dict[str, Any]:
        """Plain numbers, so that checkpoints can be loaded with `weights_only=True`."""
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict`; missing keys of an older version are None."""
        self.best = state.get("best")
        self.best_epoch = state.get("best_epoch")


class ViewTriggers:
    """The triggers of several views: one for all that have none of their own.

    Args:
        main: Of these.
        own: Those of the others, by name of the view.
        views: Names of all views.
    """

    def __init__(self, main: Trigger, own: Mapping[str, Trigger], views: Sequence[str]) -> None:
        self.main, self.own, self.views = main, own, views

    def reset(self) -> None:
        """Forget all earlier values."""
        for trigger in (self.main, *self.own.values()):
            trigger.reset()

    def fires(self, epoch: int, value: float | None) -> dict[str, str]:
        """The views to draw, each with the kind of its trigger; arguments as in `Trigger.fires`."""
        main = self.main.kind if self.main.fires(epoch, value) else None
        kinds = {name: trigger.kind for name, trigger in self.own.items() if trigger.fires(epoch, value)}
        found = {name: kinds.get(name) if name in self.own else main for name in self.views}
        return {name: kind for name, kind in found.items() if kind is not None}

    def state_dict(self) -> dict[str, Any]:
        """As in `Trigger.state_dict`, with those of the views' own."""
        own = {name: trigger.state_dict() for name, trigger in self.own.items()}
        return {**self.main.state_dict(), **({"views": own} if own else {})}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict`; a view that is new since then begins."""
        self.main.load_state_dict(state)
        for name, trigger in self.own.items():
            trigger.load_state_dict(state.get("views", {}).get(name, {}))
