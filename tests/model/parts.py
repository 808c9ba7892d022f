"""Shared by several tests of the model: small networks with the structure of large ones."""

from typing import Any

import torch
from torchvision.models.vgg import VGG

from featevo.model.vgg import vgg


def small_vgg(num_classes: int = 4, seed: int | None = None, **changes: Any) -> VGG:
    """VGG at an eighth of its width with a small head, its weights drawn from `seed`."""
    if seed is not None:
        torch.manual_seed(seed)
    return vgg(num_classes, **{"width": 0.125, "hidden": 16, "pool": 2, **changes})


def same_weights(one: torch.nn.Module, other: torch.nn.Module, *prefixes: str) -> bool:
    """Whether two networks agree in every weight and buffer whose name begins with one of the prefixes (none: all)."""
    ours, theirs = one.state_dict(), other.state_dict()
    names = [name for name in ours if not prefixes or name.startswith(prefixes)]
    assert names
    return all(torch.equal(ours[name], theirs[name]) for name in names)
