"""Inner layers of any network, chosen without knowing it, and the names under which they are shown."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from featevo.visualize.layers import CONVOLUTIONS, find_layer, layer_names, watched
from featevo.visualize.network import frozen_eval, weights_dtype


def spread_layers(model: nn.Module, shape: tuple[int, int, int], count: int = 3) -> list[str]:
    """Names of inner layers that are spread evenly over the order in which a forward pass calls them.

    These are convolutions larger than 1 x 1, otherwise any convolutions. A transformer has at most one, which cuts the
    image into patches; of it, and of other networks on tokens, these are the linear layers that widen: the hidden
    neurons of its MLPs, whose channels have clear features (Ghiasi et al., "What do Vision Transformers Learn?",
    arXiv 2212.06727, 2022). Of a network without convolutions and tokens these are its linear layers. The layer that
    returns the logits is never chosen; the last of the others always is.

    Args:
        model: From images (B, C, H, W) to logits.
        shape: (C, H, W) of an image.
        count: Number of layers, or all if there are fewer.

    Raises:
        ValueError: When there is no such layer.
    """
    kinds = (*CONVOLUTIONS, nn.Linear)
    names = [name for name, module in model.named_modules() if name and isinstance(module, kinds)]
    with frozen_eval(model) as device, torch.no_grad(), watched(model, names) as outputs:
        # Two images, to find layers whose first axis is another one. Noise: black may make all outputs equal.
        noise = torch.rand((2, *shape), generator=torch.Generator().manual_seed(0))
        logits = model(noise.to(device, weights_dtype(model)))
    inner = {
        name: output
        for name, output in outputs.items()
        if len(output) == 2 and outputs.axes[name] and not _equal(output, logits)
    }
    found = _of_best_kind(model, inner)
    if not found:
        raise ValueError(f"{type(model).__name__} has no convolution or linear layer before its logits: name layers")
    count = min(count, len(found))
    return [found[round((place + 1) * len(found) / count) - 1] for place in range(count)]


def _of_best_kind(model: nn.Module, inner: dict[str, Tensor]) -> list[str]:
    modules = {name: model.get_submodule(name) for name in inner}
    convolutions = {name: module for name, module in modules.items() if isinstance(module, CONVOLUTIONS)}
    wide = [name for name, module in convolutions.items() if max(module.kernel_size) > 1]
    linear = {name: module for name, module in modules.items() if isinstance(module, nn.Linear)}
    hidden = [name for name, one in linear.items() if inner[name].ndim > 2 and one.out_features > one.in_features]
    if len(convolutions) < 2 and hidden:
        return hidden
    return wide or [*convolutions] or [*linear]


def _equal(output: Tensor, logits: object) -> bool:
    return isinstance(logits, Tensor) and torch.equal(output, logits)


def shown_name(model: nn.Module, layer: str) -> str:
    """The name of a layer in the literature, such as `conv4_3`, where `layer_names` has one; otherwise `layer`.

    Raises:
        ValueError: For an unknown layer.
    """
    module = find_layer(model, layer)
    own = [f".{name}" for name, other in model.named_modules(remove_duplicate=False) if other is module]
    names = [name for name, other in layer_names(model).items() if other is module]
    return next((name for name in names if not any(each.endswith(f".{name}") for each in own)), layer)
