"""Terms between the images of one unit. Only these couple images, and only copies of the same unit.

They are added to another objective, with `copies` of at least 2:
`maximize(model, Channel("conv4_3", [7]) + 2.0 * Diversity("conv4_3"), copies=4)`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from featevo.visualize.layers import Seen
from featevo.visualize.objectives import LayerObjective
from featevo.visualize.objectives.features import by_position


class Diversity(LayerObjective):
    """Minus the mean cosine between an image's style and the styles of its unit's other images.

    The style is the Gram matrix of a layer's channels over positions (Olah et al. 2017, "Diversity").

    Args:
        layer: Name of the layer.
    """

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,) in -1..0 for layers after a ReLU; raises `ValueError` when units have one image each."""
        features = by_position(seen.by_channel(self.layer, len(rows)))
        styles = torch.einsum("bcp,bdp->bcd", features, features).flatten(1)
        styles = styles / styles.norm(dim=1, keepdim=True).clamp_min(1e-12)
        groups = _grouped(styles, seen, self)  # (groups, copies, F)
        cosines = groups @ groups.transpose(1, 2)
        others = cosines.sum(2) - cosines.diagonal(dim1=1, dim2=2)
        return _flat(-others / (seen.copies - 1), seen)


class Alignment(LayerObjective):
    """Minus the weighted sum of mean square differences between an image's features and those of its unit's others.

    Copies n apart have the weight `decay` to the power of -n (lucid, `alignment`).

    Args:
        layer: Name of the layer.
        decay: Above 1: far copies count less.
    """

    def __init__(self, layer: str, decay: float = 2.0) -> None:
        super().__init__(layer)
        self.decay = decay

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,), 0 where a unit's images have the same features; raises `ValueError` for one image per unit."""
        groups = _grouped(seen[self.layer].flatten(1), seen, self)
        distances = torch.stack([(groups - groups[:, [i]]).square().mean(2) for i in range(seen.copies)], 1)
        place = torch.arange(seen.copies, device=groups.device)
        nearness = self.decay ** -(place[:, None] - place[None, :]).abs().to(groups)
        return _flat(-(distances * nearness).sum(2), seen)

    def __repr__(self) -> str:
        return f"Alignment({self.layer}, decay={self.decay:g})"


def _grouped(values: Tensor, seen: Seen, term: LayerObjective) -> Tensor:
    """Rows (unit, copy, sample) of values (B, F) as (units * samples, copies, F): samples are compared one by one."""
    if seen.copies < 2:
        raise ValueError(f"{term!r} compares the images of one unit: use copies=2 or more")
    return values.view(-1, seen.copies, seen.samples, values.shape[1]).transpose(1, 2).flatten(0, 1)


def _flat(values: Tensor, seen: Seen) -> Tensor:
    """Values (units * samples, copies) as rows (unit, copy, sample) again."""
    return values.view(-1, seen.samples, seen.copies).transpose(1, 2).flatten()
