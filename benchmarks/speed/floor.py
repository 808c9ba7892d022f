"""The floor: the time of a network's own layers alone, forward and backward to their input, weights frozen."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.speed.cases import normalised


def layers_alone(model: nn.Module, images: Tensor, kind: type[nn.Module], steps: int) -> Callable[[], None]:
    """A function that runs each layer of this kind `steps` times, with inputs of the shapes that these images cause."""
    found: list[tuple[nn.Module, Tensor, Tensor]] = []

    def keep(module: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> None:
        found.append((module, given[0].clone(), torch.randn_like(result)))

    hooks = [module.register_forward_hook(keep) for module in model.modules() if isinstance(module, kind)]
    with torch.no_grad():
        model(normalised(images))
    for hook in hooks:
        hook.remove()

    def run() -> None:
        model.requires_grad_(False)
        for _ in range(steps):
            for module, given, gradient in found:
                torch.autograd.grad(module(given.requires_grad_(True)), given, gradient)

    return run
