"""Distribution matching: activations whose values are distributed as those of real images, wherever they are.

VITAL: Gorgun, Schiele and Fischer, "VITAL: More Understandable Feature Visualization through Distribution Alignment and
Relevant Information Flow", ICCV 2025. The loss is that of the authors' code for classes (`sort_matching` in
`class_fvis/utils/opt_utils.py`); their weighting of inner neurons by relevance is not included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from featevo.visualize.checks import check_positive
from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import frozen_eval, image_dtype, normalised, weights_dtype
from featevo.visualize.objectives import Objective, checked_units
from featevo.visualize.objectives.features import by_position
from featevo.visualize.parameterizations import within_range

AT_ONCE = 64
"""Most pictures of one forward pass."""


class DistributionMatch(Objective):
    """Minus the square distance between sorted activations and mean sorted activations of real images, over layers.

        -sum_l w_l mean_(c, p) (sort(A_l(x))_(c, p) - mean_n sort(A_l(r_n))_(c, p))^2

    A_l are the activations of layer l; each channel c is sorted over its positions p by itself, so that values count
    and places do not; r_n are real images of the unit. 0: equal distributions.

    Args:
        units: Index of each unit, one render each.
        targets: By layer, (U, C, P): the mean sorted activations, smallest first.
        weights: w_l of each layer, in the order of `targets`; 1 by default.

    Raises:
        ValueError: For no units or layers, targets of another shape, or weights that do not fit.
    """

    def __init__(
        self, units: Sequence[int], targets: Mapping[str, Tensor], weights: Sequence[float] | None = None
    ) -> None:
        self.units = checked_units(units, "unit")
        self.weights = _weighted(list(targets), weights)
        self.layers = frozenset(targets)
        self.targets = {layer: target.detach() for layer, target in targets.items()}
        for layer, target in targets.items():
            if target.ndim != 3 or len(target) != len(self.units):
                raise ValueError(
                    f"targets of {layer}: shape {tuple(target.shape)}, not ({len(self.units)}, channels, positions)"
                )

    @classmethod
    def of(
        cls,
        model: nn.Module,
        layers: Sequence[str],
        pictures_by_unit: Mapping[int, Tensor],
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        weights: Sequence[float] | None = None,
    ) -> DistributionMatch:
        """With the activations of real images.

        Args:
            model: That the renders are for.
            layers: Names of the layers; the source has five, from the first convolution to the last block.
            pictures_by_unit: For each unit real images (N, C, H, W) in 0..1, of the size of the renders; in the source
                50 of a class.
            mean: As in `maximize`.
            std: As in `maximize`.
            weights: Of the layers; in the source 1, with few exceptions.

        Raises:
            ValueError: For layers that the model does not have, or pictures that are none.
        """
        _weighted(layers, weights)  # errors before the forward passes
        units = checked_units(pictures_by_unit, "unit")
        sorted_means: dict[str, list[Tensor]] = {layer: [] for layer in layers}
        with frozen_eval(model) as device, torch.no_grad():
            for unit, given in pictures_by_unit.items():
                if given.ndim != 4 or not given.numel():
                    raise ValueError(f"pictures of unit {unit}: shape {tuple(given.shape)}, not (N, C, H, W)")
                pictures = within_range(given, f"pictures of unit {unit}").to(device, image_dtype(model))
                sums: dict[str, Tensor] = {}
                for part in pictures.split(AT_ONCE):
                    with watched(model, layers) as outputs:
                        seen = Seen(model(normalised(part, mean, std, weights_dtype(model))), outputs)
                    for layer in layers:
                        sums[layer] = _sorted(seen, layer, len(part)).sum(0) + sums.get(layer, 0)
                for layer in layers:
                    sorted_means[layer].append(sums[layer] / len(pictures))
        return cls(units, {layer: torch.stack(each) for layer, each in sorted_means.items()}, weights)

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,), at most 0; raises `ValueError` when the images have another size than the pictures."""
        losses = []
        for layer, target in self.targets.items():
            values = _sorted(seen, layer, len(rows))
            if values.shape[1:] != target.shape[1:]:
                found, given = tuple(values.shape[1:]), tuple(target.shape[1:])
                raise ValueError(
                    f"{layer} has {found} channels and positions, with the pictures it had {given}: "
                    "give pictures of the size of the images"
                )
            losses.append(self.weights[layer] * (values - target.to(values)[rows]).square().mean((1, 2)))
        return -torch.stack(losses).sum(0)

    def __repr__(self) -> str:
        return f"DistributionMatch({', '.join(f'{layer}: {weight:g}' for layer, weight in self.weights.items())})"


def _weighted(layers: Sequence[str], weights: Sequence[float] | None) -> dict[str, float]:
    """The weight of each layer."""
    weights = [1.0] * len(layers) if weights is None else weights
    if not layers or len(set(layers)) < len(layers):
        raise ValueError(f"layers={list(layers)}: name at least one layer, each once")
    if len(weights) != len(layers):
        raise ValueError(f"weights={list(weights)}: give one for each of {len(layers)} layers")
    check_positive(weights=min(weights))
    return dict(zip(layers, weights, strict=True))


def _sorted(seen: Seen, layer: str, count: int) -> Tensor:
    """Activations (B, C, P), each channel sorted over its positions; a layer without positions has one."""
    return by_position(seen.by_channel(layer, count)).sort(dim=2).values
