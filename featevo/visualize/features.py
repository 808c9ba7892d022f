"""Objectives on inner layers: channel, neuron, direction, and the whole layer (DeepDream).

Definitions follow Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017, and its code, lucid
(`optvis/objectives.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from featevo.visualize.layers import Seen
from featevo.visualize.objectives import Objective, checked_units, chosen

LEAST_COSINE = 0.1
"""Below it, lucid's power of the cosine stays constant, so that a start at a right angle still has a gradient."""


class Channel(Objective):
    """The mean activation of a channel over all its positions.

    Args:
        layer: Name of the layer, see `featevo.visualize.layer_names`.
        units: Channel indices, each drawn once.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, layer: str, units: Iterable[int]) -> None:
        self.layer = layer
        self.layers = frozenset({layer})
        self.units = checked_units(units, "channel")

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Means (B,) of the wanted channels.

        Raises:
            ValueError: When the layer has no such channel.
        """
        return chosen(by_position(seen[self.layer]), self.units, rows, f"{self.layer} has channels").mean(1)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.layer})"


class Neuron(Channel):
    """The activation of a channel at one position; in a layer without positions, of one neuron.

    Args:
        layer: Name of the layer.
        units: Channel indices, each drawn once.
        position: Row and column; None: the middle.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, layer: str, units: Iterable[int], position: tuple[int, int] | None = None) -> None:
        super().__init__(layer, units)
        self.position = position

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Activations (B,) of the wanted neurons.

        Raises:
            ValueError: When the layer has no such channel or position.
        """
        values = chosen(seen[self.layer], self.units, rows, f"{self.layer} has channels")
        if values.ndim == 1:
            return values
        if values.ndim != 3:
            raise ValueError(f"{self.layer} answers {tuple(seen[self.layer].shape)}: a neuron needs rows and columns")
        height, width = values.shape[1:]
        row, column = self.position or (height // 2, width // 2)
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(f"position={self.position}: {self.layer} has {height} x {width} positions")
        return values[:, row, column]

    def __repr__(self) -> str:
        return f"Neuron({self.layer}, position={self.position or 'middle'})"


class Direction(Objective):
    """The activations' dot product with a vector over channels, mean over positions, times their cosine to a power.

    Args:
        layer: Name of the layer.
        vectors: (U, C): one direction per render.
        cosine_power: 0: the dot product alone; more: also points the same way (`cossim_pow` in lucid).

    Raises:
        ValueError: For vectors of another shape.
    """

    def __init__(self, layer: str, vectors: Tensor, cosine_power: float = 0.0) -> None:
        if vectors.ndim != 2 or not len(vectors):
            raise ValueError(f"vectors of shape {tuple(vectors.shape)}: give (directions, channels)")
        self.layer = layer
        self.layers = frozenset({layer})
        self.vectors = vectors
        self.cosine_power = cosine_power
        self.units = tuple(range(len(vectors)))

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Dot products (B,).

        Raises:
            ValueError: When the layer has another number of channels.
        """
        features = by_position(seen[self.layer])
        if features.shape[1] != self.vectors.shape[1]:
            raise ValueError(f"vectors have {self.vectors.shape[1]} channels, {self.layer} has {features.shape[1]}")
        wanted = self.vectors.to(features)[rows][:, :, None]
        return (_with_cosine((features * wanted).sum(1), features, wanted, self.cosine_power)).mean(1)

    def __repr__(self) -> str:
        return f"Direction({self.layer}, cosine_power={self.cosine_power:g})"


class DeepDream(Objective):
    """The mean square of all activations of a layer: more of whatever it sees (Mordvintsev et al. 2015).

    Args:
        layer: Name of the layer.
    """

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.layers = frozenset({layer})
        self.units = (0,)

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Mean squares (B,)."""
        return seen[self.layer].flatten(1).square().mean(1)

    def __repr__(self) -> str:
        return f"DeepDream({self.layer})"


def by_position(activations: Tensor) -> Tensor:
    """Activations (B, C, ...) as (B, C, positions); a layer without positions has one."""
    return activations.flatten(2) if activations.ndim > 2 else activations[:, :, None]


def _with_cosine(dot: Tensor, features: Tensor, wanted: Tensor, power: float) -> Tensor:
    if not power:
        return dot
    lengths = features.norm(dim=1) * wanted.norm(dim=1)
    return dot * (dot / (lengths + 1e-6)).clamp_min(LEAST_COSINE) ** power
