"""Which weights drew a picture: a hash of a model's state dict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """The model's state without what is no tensor (yet): extra state, and lazy parameters before their first use."""
    return {
        name: value for name, value in model.state_dict().items() if isinstance(value, Tensor) and not is_lazy(value)
    }


def weights_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of a state dict; equal weights give equal hashes on any device."""
    digest = hashlib.sha256()
    for name, tensor in state.items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        # reshape(-1) for scalars: only tensors with a dimension can be viewed as bytes (NumPy lacks bfloat16).
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
