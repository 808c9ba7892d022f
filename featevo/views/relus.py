"""Methods that change the gradient of ReLUs see `nn.ReLU` modules alone; a functional ReLU would be missed silently."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


def check_relus(method: str, model: nn.Module, image: Tensor) -> None:
    """Require that every ReLU of a forward pass is an `nn.ReLU` module, and that there is one.

    Raises:
        ValueError: When there is none, or one that is not a module.
    """
    calls = 0

    def count(module: nn.Module, given: object, output: object) -> None:
        nonlocal calls
        calls += 1

    hooks = [module.register_forward_hook(count) for module in model.modules() if isinstance(module, nn.ReLU)]
    try:
        output = model(image.detach().clone().requires_grad_(True))
    finally:
        for hook in hooks:
            hook.remove()
    all_of_them = _relus_before(output)
    if not calls or calls < all_of_them:
        raise ValueError(
            f"methods: {method} needs every ReLU to be an nn.ReLU module; the forward pass has {calls} of these and "
            f"{max(0, all_of_them - calls)} functional ReLUs"
        )


def _relus_before(output: Tensor) -> int:
    """The ReLUs in a tensor's graph."""
    waiting: list[Any] = [output.grad_fn]
    seen, found = set(), 0
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        found += node.name().startswith("ReluBackward")
        waiting += [before for before, _ in node.next_functions]
    return found
