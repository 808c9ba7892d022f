"""Objectives that compare features with those of given images: inversion and caricature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import frozen_eval, image_dtype, normalised, weights_dtype
from featevo.visualize.objectives import LayerObjective
from featevo.visualize.objectives.features import LEAST_COSINE

Match = TypeVar("Match", bound="FeatureMatch")


class FeatureMatch(LayerObjective):
    """Inversion: minus the squared distance between features and targets, relative to the targets (0: equal).

        -|phi(x) - phi_0|^2 / |phi_0|^2     (Mahendran and Vedaldi, CVPR 2015, eq. 1 and section 3)

    Args:
        layer: Name of the layer.
        targets: (U, ...): the features phi_0, one render each.
    """

    def __init__(self, layer: str, targets: Tensor) -> None:
        super().__init__(layer)
        self.targets = targets.detach()
        self.units = tuple(range(len(targets)))

    @classmethod
    def of(
        cls: type[Match],
        model: nn.Module,
        layer: str,
        pictures: Tensor,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
    ) -> Match:
        """With the features of images (U, C, H, W) in 0..1, normalised by `mean` and `std` as in `maximize`."""
        with frozen_eval(model) as device, torch.no_grad(), watched(model, [layer]) as outputs:
            model(normalised(pictures.to(device, image_dtype(model)), mean, std, weights_dtype(model)))
            return cls(layer, Seen(None, outputs)[layer])

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        features, wanted = self._pair(seen, rows)
        return -(features - wanted).square().sum(1) / wanted.square().sum(1).clamp_min(1e-12)

    def _pair(self, seen: Seen, rows: Tensor) -> tuple[Tensor, Tensor]:
        features = seen[self.layer]
        if features.shape[1:] != self.targets.shape[1:]:
            found, given = tuple(features.shape[1:]), tuple(self.targets.shape[1:])
            raise ValueError(f"targets of shape {given}: {self.layer} returns {found} at this image size")
        return features.flatten(1), self.targets.to(features)[rows].flatten(1)


class Caricature(FeatureMatch):
    """Exaggerates features of an image: the features' length along the targets, times their cosine to a power.

        (phi(x) . phi_0 / |phi_0|) cos(phi(x), phi_0)^p     (lucid, `dot_compare`)

    Args:
        layer: Name of the layer.
        targets: (U, ...): the features to exaggerate, one render each.
        cosine_power: p; 0: the dot product alone.
    """

    def __init__(self, layer: str, targets: Tensor, cosine_power: float = 1.0) -> None:
        super().__init__(layer, targets)
        self.cosine_power = cosine_power

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        features, wanted = self._pair(seen, rows)
        along = (features * wanted).sum(1) / wanted.norm(dim=1).clamp_min(1e-6)
        cosine = along / features.norm(dim=1).clamp_min(1e-6)
        return along * cosine.clamp_min(LEAST_COSINE) ** self.cosine_power

    def __repr__(self) -> str:
        return f"Caricature({self.layer}, cosine_power={self.cosine_power:g})"
