"""Objectives on inner layers: channel, neuron, direction, and the whole layer (DeepDream).

Definitions follow Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017, and its code, lucid
(`optvis/objectives.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from featevo.visualize.layers import Seen
from featevo.visualize.objectives import LayerObjective, checked_units, chosen

LEAST_COSINE = 0.1
"""Below it, lucid's power of the cosine stays constant, so that a start at a right angle still has a gradient."""


class Channel(LayerObjective):
    """The mean activation of a channel over all its positions.

    Args:
        layer: Name of the layer, see `featevo.visualize.layer_names`.
        units: Channel indices, one render each.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, layer: str, units: Iterable[int]) -> None:
        super().__init__(layer)
        self.units = checked_units(units, "channel")

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Means (B,) of the units' channels; raises `ValueError` when the layer has no such channel."""
        return self._own(by_position(seen.by_channel(self.layer, len(rows))), rows).mean(1)

    def _own(self, values: Tensor, rows: Tensor) -> Tensor:
        return chosen(values, self.units, rows, f"{self.layer} has channels")


class Neuron(Channel):
    """The activation of a channel at one position or of one token; in a layer without positions, of one neuron.

    Args:
        layer: Name of the layer.
        units: Channel indices, one render each.
        position: Row and column; in a layer of tokens or one-dimensional positions one index; None: the middle.

    Raises:
        ValueError: For no units, or negative ones.
    """

    def __init__(self, layer: str, units: Iterable[int], position: int | tuple[int, int] | None = None) -> None:
        super().__init__(layer, units)
        self.position = position

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Activations (B,) of the units' neurons; raises `ValueError` for a channel or position outside the layer."""
        values = self._own(seen.by_channel(self.layer, len(rows)), rows)
        if values.ndim == 1:
            return values
        if values.ndim > 3:
            raise ValueError(f"{self.layer} returns {tuple(seen[self.layer].shape)}: a neuron needs rows and columns")
        sizes = values.shape[1:]
        position = (self.position,) if isinstance(self.position, int) else self.position
        place = tuple(size // 2 for size in sizes) if position is None else position
        if len(place) != len(sizes) or not all(0 <= one < size for one, size in zip(place, sizes, strict=True)):
            kind = "tokens" if seen.has_tokens(self.layer) else "positions"
            one = f"; give one index 0 to {sizes[0] - 1}" if len(sizes) == 1 else ""
            raise ValueError(f"position={self.position}: {self.layer} has {' x '.join(map(str, sizes))} {kind}{one}")
        return values[:, place[0]] if len(place) == 1 else values[:, place[0], place[1]]

    def __repr__(self) -> str:
        return f"Neuron({self.layer}, position={'middle' if self.position is None else self.position})"


class Direction(LayerObjective):
    """The activations' dot product with a vector over channels, mean over positions, times their cosine to a power.

    Args:
        layer: Name of the layer.
        vectors: (U, C): one direction per render.
        cosine_power: 0: the dot product alone; more: also favours the same direction (`cossim_pow` in lucid).

    Raises:
        ValueError: For vectors of another shape.
    """

    def __init__(self, layer: str, vectors: Tensor, cosine_power: float = 0.0) -> None:
        if vectors.ndim != 2 or not len(vectors):
            raise ValueError(f"vectors of shape {tuple(vectors.shape)}: give (directions, channels)")
        super().__init__(layer)
        self.vectors = vectors
        self.cosine_power = cosine_power
        self.units = tuple(range(len(vectors)))

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Dot products (B,); raises `ValueError` when the layer has another number of channels."""
        features = by_position(seen.by_channel(self.layer, len(rows)))
        if features.shape[1] != self.vectors.shape[1]:
            raise ValueError(f"vectors have {self.vectors.shape[1]} channels, {self.layer} has {features.shape[1]}")
        wanted = self.vectors.to(features)[rows][:, :, None]
        dot = (features * wanted).sum(1)
        if self.cosine_power:
            lengths = features.norm(dim=1) * wanted.norm(dim=1)
            dot = dot * (dot / (lengths + 1e-6)).clamp_min(LEAST_COSINE) ** self.cosine_power
        return dot.mean(1)

    def __repr__(self) -> str:
        return f"Direction({self.layer}, cosine_power={self.cosine_power:g})"


class DeepDream(LayerObjective):
    """The mean square of all activations of a layer: amplifies all of its features (Mordvintsev et al. 2015).

    Args:
        layer: Name of the layer.
    """

    units = (0,)

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        return seen[self.layer].flatten(1).square().mean(1)


def by_position(values: Tensor) -> Tensor:
    """Activations (B, C, ...) as (B, C, positions); a layer without positions has one."""
    return values.flatten(2) if values.ndim > 2 else values[:, :, None]
