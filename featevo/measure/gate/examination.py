"""A candidate at the gate: its means, the checks of parts a and b, and part c where it is known."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from featevo.measure.equalise import equalised
from featevo.measure.gate.checks import Check, checked
from featevo.measure.gate.known_truth import KnownTruth
from featevo.measure.judge import Judge

Measure = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Candidate:
    """A measure of images that is to be called something.

    Attributes:
        name: Of the measure.
        measure: From images (B, 3, H, W) in 0..1 to (B,).
        equalises: Whether images are brought to one contrast first, by `featevo.measure.equalise`.
        judge: The network that it uses, if any.
        claims: What it would be called.
    """

    name: str
    measure: Measure
    equalises: bool = False
    judge: Judge | None = None
    claims: str = "complexity"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, 3, H, W) in 0..1 to (B,).

        Raises:
            ValueError: For a measure that does not give one value per image.
        """
        values = self.measure(equalised(images) if self.equalises else images)
        if values.shape != (len(images),):
            raise ValueError(
                f"measure {self.name}: it gave values of shape {tuple(values.shape)} for {len(images)} images; "
                "it must give one per image"
            )
        return values


@dataclass(frozen=True)
class Examined:
    """What came out for a candidate.

    Attributes:
        candidate: The one examined.
        means: Over each kind of pictures.
        checks: Of parts a and b.
        known_truth: Part c; None where it was not examined.
    """

    candidate: Candidate
    means: dict[str, float]
    checks: tuple[Check, ...]
    known_truth: KnownTruth | None = None

    @property
    def fails(self) -> list[str]:
        """The parts that it fails, "a", "b" and "c"."""
        failed = {check.part for check in self.checks if not check.passed}
        if self.known_truth is not None and not self.known_truth.passed:
            failed.add("c")
        return sorted(failed)

    @property
    def verdict(self) -> str:
        """In words."""
        if self.fails:
            return f"fails {', '.join(self.fails)}"
        return "passes" if self.known_truth is not None else "passes a, b"

    def as_json(self) -> dict[str, Any]:
        """Plain values, without files' paths."""
        one = self.candidate
        judge = None if one.judge is None else {key: getattr(one.judge, key) for key in ("name", "layer", "weights")}
        return {
            "measure": one.name,
            "claims": one.claims,
            "equalised": one.equalises,
            "judge": judge,
            "verdict": self.verdict,
            "fails": self.fails,
            "checks": [dataclasses.asdict(check) | {"value": _short(check.value)} for check in self.checks],
            "known_truth": None if self.known_truth is None else dataclasses.asdict(self.known_truth),
            "means": {kind: _short(mean) for kind, mean in self.means.items()},
        }


def examined(candidate: Candidate, pictures: Mapping[str, Tensor], known_truth: KnownTruth | None = None) -> Examined:
    """Compute a candidate for all pictures and check it.

    Args:
        candidate: To examine.
        pictures: By `featevo.measure.gate.pictures.pictures`.
        known_truth: The result of part c.

    Raises:
        ValueError: For a measure that does not give one value per image.
    """
    means = {kind: candidate(images).double().mean().item() for kind, images in pictures.items()}
    return Examined(candidate, means, checked(means), known_truth)


def _short(value: float) -> float | None:
    """Four digits; None for what JSON has no number for."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
