"""What a model is shown of pictures in 0..1: normalised, in the type of its weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def weights_dtype(model: nn.Module) -> torch.dtype:
    """The floating-point type of the model's weights; float32 where it has none."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)


def picture_dtype(model: nn.Module) -> torch.dtype:
    """The type to compute pictures in: half-precision weights still get float32, or small steps would vanish."""
    return torch.promote_types(weights_dtype(model), torch.float32)


def normalised(pictures: Tensor, mean: Sequence[float], std: Sequence[float], dtype: torch.dtype) -> Tensor:
    """Pictures (B, C, H, W) less `mean`, over `std`, one number each or one per channel; in this type."""
    shift, scale = (pictures.new_tensor(list(values)).view(1, -1, 1, 1) for values in (mean, std))
    return ((pictures - shift) / scale).to(dtype)
