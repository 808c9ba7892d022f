"""Objectives: what is maximised. One objective has many units; each render climbs one of them.

An objective is a class with `units`, the `layers` that it needs, and a call from the result of a forward pass to one
value per image. Objectives add up: `ClassLogit([3, 5]) + 0.1 * LogProbability([3, 5])`. Further ones: `features`
(channel, neuron, direction, layer), `inversion` (inversion, caricature), `distribution` (distribution matching),
`likeness` (feature accentuation), `diversity` (diversity, alignment).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import index

import torch
from torch import Tensor

from featevo.visualize.checks import listed
from featevo.visualize.layers import Seen


class Objective(ABC):
    """What `maximize` climbs.

    Attributes:
        units: Index of each unit, one render each; empty for a term that can be added to any units.
        layers: Names of the layers whose activations it needs.
        classes: Class index of each unit, for the renders' logit and probability; None when units are not classes.
        seeds: (U, C, H, W) in 0..1, one image per unit that the model sees beside each render, see `Seen.seeds`.
    """

    units: tuple[int, ...] = ()
    layers: frozenset[str] = frozenset()
    classes: tuple[int, ...] | None = None
    seeds: Tensor | None = None

    @abstractmethod
    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,) of the images.

        Args:
            seen: Result of the forward pass of B images.
            rows: (B,) int64: image b is rendered for `units[rows[b]]` alone.
        """

    def __add__(self, other: Objective) -> Objective:
        return Sum([(1.0, self), (1.0, other)])

    def __sub__(self, other: Objective) -> Objective:
        return Sum([(1.0, self), (-1.0, other)])

    def __mul__(self, weight: float) -> Objective:
        return Sum([(float(weight), self)])

    __rmul__ = __mul__

    def __neg__(self) -> Objective:
        return Sum([(-1.0, self)])


class Sum(Objective):
    """A weighted sum: the first units of all terms together, then the second units, and so on.

    Args:
        terms: Weights and objectives.

    Raises:
        ValueError: When two terms have different numbers of units, or different seeds.
    """

    def __init__(self, terms: Sequence[tuple[float, Objective]]) -> None:
        self.terms: list[tuple[float, Objective]] = [
            (weight * inner, part)
            for weight, term in terms
            for inner, part in (term.terms if isinstance(term, Sum) else [(1.0, term)])
        ]
        counts = {len(term.units) for _, term in self.terms if term.units}
        if len(counts) > 1:
            raise ValueError(f"the terms of a sum have different numbers of units: {sorted(counts)}")
        self.units = next((term.units for _, term in self.terms if term.units), ())
        self.layers = frozenset[str]().union(*(term.layers for _, term in self.terms))
        self.classes = next((term.classes for _, term in self.terms if term.classes), None)
        seeds = [term.seeds for _, term in self.terms if term.seeds is not None]
        if any(not torch.equal(seeds[0], other) for other in seeds[1:]):
            raise ValueError("the terms of a sum have different seeds: a render has one seed")
        self.seeds = seeds[0] if seeds else None

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        first, *others = (weight * term(seen, rows) for weight, term in self.terms)
        return sum(others, start=first)

    def __repr__(self) -> str:
        return " + ".join(f"{weight:g} * {term!r}" for weight, term in self.terms)


class _ClassObjective(Objective):
    """Units are classes.

    Args:
        units: Class indices, one render each.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, units: Iterable[int]) -> None:
        self.units = self.classes = checked_units(units, "class")

    def __repr__(self) -> str:
        return type(self).__name__


class ClassLogit(_ClassObjective):
    """The logit of a class: the activation of its unit in the last layer, before softmax (a_i(x) in section III)."""

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Logits (B,) of the units' classes; raises `ValueError` for a model without logits or without the class."""
        return chosen(class_logits(seen.output, len(rows)), self.units, rows)


class LogProbability(_ClassObjective):
    """The logarithm of a class's probability after softmax: also makes the other classes unlikely."""

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Log-probabilities (B,) of the units' classes; errors as for `ClassLogit`."""
        return chosen(class_logits(seen.output, len(rows)).log_softmax(1), self.units, rows)


class LayerObjective(Objective):
    """An objective on the activations of one layer.

    Args:
        layer: Name of the layer, see `featevo.visualize.layer_names`.
    """

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.layers = frozenset({layer})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.layer})"


def checked_units(units: Iterable[int], what: str) -> tuple[int, ...]:
    """The units as a tuple; raises `ValueError` for no list of whole numbers, no units, or negative ones."""
    found = listed("units", units, index, f"{what} indices, such as [0]")
    if not found or min(found) < 0:
        raise ValueError(f"units={list(found)}: name at least one {what} index, counted from 0")
    return found


def chosen(values: Tensor, units: Sequence[int], rows: Tensor, what: str = "the model has classes") -> Tensor:
    """Of values (B, K, ...), those of each image's own unit (B, ...); raises `ValueError` for a unit of K or more."""
    if max(units) >= values.shape[1]:
        raise ValueError(f"unit {max(units)} does not exist: {what} 0 to {values.shape[1] - 1}")
    wanted = _on(rows.device, tuple(units))[rows].view(-1, 1, *[1] * (values.ndim - 2))
    return values.gather(1, wanted.expand(-1, 1, *values.shape[2:])).squeeze(1)


@lru_cache
def _on(device: torch.device, units: tuple[int, ...]) -> Tensor:
    # Not at every step: the host would wait for a GPU.
    return torch.tensor(units, device=device)


def class_logits(output: object, count: int) -> Tensor:
    """The model's logits (B, K) for B = `count` images; raises `ValueError` for any other output."""
    if not isinstance(output, Tensor) or output.ndim != 2 or len(output) != count:
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"the model returns {shape} for {count} images, not ({count}, classes)")
    return output
