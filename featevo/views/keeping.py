"""Which weights of a training are kept."""

from __future__ import annotations

from dataclasses import dataclass

SNAPSHOTS, ALL = "snapshots", "all"


@dataclass(frozen=True)
class Keeping:
    """Which weights of a training are kept.

    Attributes:
        snapshots: Those of every snapshot.
        epochs: Also those of epochs without images, so that they can be rendered later.
        last: Of these only the last ones, this many; None: all.
    """

    snapshots: bool = True
    epochs: bool = False
    last: int | None = None

    @classmethod
    def of(cls, setting: bool | int | str) -> Keeping:
        """From the setting `save_weights`.

        Args:
            setting: True or "snapshots", False, "all" (every validated epoch), or how many of the last snapshots.

        Raises:
            ValueError: For anything else.
        """
        if isinstance(setting, bool) or setting in (SNAPSHOTS, ALL):
            return cls(snapshots=bool(setting), epochs=setting == ALL)
        if not isinstance(setting, int) or setting < 1:
            allowed = f"true or {SNAPSHOTS}, false, {ALL}, or how many of the last ones"
            raise ValueError(f"save_weights={setting}: use {allowed}")
        return cls(last=setting)

    def cost(self, size: int) -> str:
        """One line about the size on disk, of weights of `size` bytes."""
        one = f"{size / 1e6:.1f} MB"
        if self.last is not None:
            most = f"{self.last * size / 1e6:.1f} MB"
            return f"The last {self.last} snapshots keep their weights: at most {most} (save_weights)"
        return f"Each {'validated epoch' if self.epochs else 'snapshot'} keeps its weights: {one} (save_weights)"
