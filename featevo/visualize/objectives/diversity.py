"""Terms between the pictures of one unit: the only ones that couple pictures, and only copies of the same unit.

They are added to another objective, with `copies` of at least 2:
`maximize(model, Channel("conv4_3", [7]) + 2.0 * Diversity("conv4_3"), copies=4)`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from featevo.visualize.layers import Seen
from featevo.visualize.objectives import Objective
from featevo.visualize.objectives.features import activations, by_position


class Diversity(Objective):
    """Minus the mean cosine of a picture's style to the styles of its unit's other pictures.

    The style is the Gram matrix of a layer's channels over positions (Olah et al. 2017, "Diversity").

    Args:
        layer: Name of the layer.
    """

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.layers = frozenset({layer})

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,) in -1..0 for layers behind a ReLU.

        Raises:
            ValueError: When units have one picture each.
        """
        features = by_position(activations(seen, self.layer, len(rows)))
        styles = torch.einsum("bcp,bdp->bcd", features, features).flatten(1)
        styles = styles / styles.norm(dim=1, keepdim=True).clamp_min(1e-12)
        groups = _grouped(styles, seen, self)  # (groups, copies, F)
        cosines = groups @ groups.transpose(1, 2)
        others = cosines.sum(2) - cosines.diagonal(dim1=1, dim2=2)
        return _flat(-others / (seen.copies - 1), seen)

    def __repr__(self) -> str:
        return f"Diversity({self.layer})"


class Alignment(Objective):
    """Minus the mean square difference of a picture's features to those of its unit's other pictures, the near more.

    Copies n apart count `decay` to the power of -n (lucid, `alignment`).

    Args:
        layer: Name of the layer.
        decay: Above 1: far copies count less.
    """

    def __init__(self, layer: str, decay: float = 2.0) -> None:
        self.layer = layer
        self.layers = frozenset({layer})
        self.decay = decay

    def __call__(self, seen: Seen, rows: Tensor) -> Tensor:
        """Values (B,), 0 where all pictures of a unit have the same features.

        Raises:
            ValueError: When units have one picture each.
        """
        groups = _grouped(seen[self.layer].flatten(1), seen, self)
        distances = torch.stack([(groups - groups[:, [i]]).square().mean(2) for i in range(seen.copies)], 1)
        place = torch.arange(seen.copies, device=groups.device)
        nearness = self.decay ** -(place[:, None] - place[None, :]).abs().to(groups)
        return _flat(-(distances * nearness).sum(2), seen)

    def __repr__(self) -> str:
        return f"Alignment({self.layer}, decay={self.decay:g})"


def _grouped(values: Tensor, seen: Seen, term: Objective) -> Tensor:
    """Rows (unit, copy, sample) of values (B, F) as (units * samples, copies, F): samples are compared one by one."""
    if seen.copies < 2:
        raise ValueError(f"{term!r} compares the pictures of one unit: draw at least copies=2")
    return values.view(-1, seen.copies, seen.samples, values.shape[1]).transpose(1, 2).flatten(0, 1)


def _flat(values: Tensor, seen: Seen) -> Tensor:
    """Values (units * samples, copies) as rows (unit, copy, sample) again."""
    return values.view(-1, seen.samples, seen.copies).transpose(1, 2).flatten()
