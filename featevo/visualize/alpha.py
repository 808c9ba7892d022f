"""Where an ascent changed an image: the accumulated size of its gradients as a transparency.

Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization", NeurIPS 2023;
the sum over steps and its scale are those of the authors' library Horama (`maco_fv.py`, `plots.py`).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

SHARE = 0.8
"""Share of the pixels up to whose value the map is linear; all above are opaque (Horama, `percentile_alpha`)."""


def alpha_of(strength: Tensor) -> Tensor:
    """A map of gradients as transparency.

    Args:
        strength: (H, W): mean over channels of the absolute gradient, sum over steps.

    Returns:
        (H, W), float32 in 0..1: divided by its 80th percentile, and clipped at 1. Where that percentile is 0, because
        most pixels never had a gradient, it is divided by the maximum; without any gradient it is 0.
    """
    strength = strength.float()
    most = float(np.quantile(strength.numpy(), SHARE)) or float(strength.max())
    return (strength / most).clamp(max=1) if most > 0 else torch.zeros_like(strength)
