"""Faster ways to the same values, for a model whose weights do not change while its images do.

They are chosen by rule, for each layer when it is called; any other layer is called as it is. The results differ from
the model's own only in rounding.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from featevo.visualize.layers import Activations
from featevo.visualize.network import derived
from featevo.visualize.winograd import Convolution, tile_of, transformed

WINOGRAD, FOLDED = "winograd", "folded pooling"
"""Names of the paths, for the record."""


@contextmanager
def fast_paths(model: nn.Module) -> Iterator[set[str]]:
    """Within: forward passes take the fast paths that fit.

    Convolutions on the CPU are computed as in `featevo.visualize.winograd`. In torchvision's VGG, where a map is
    smaller than the one that the first linear layer gets (at 64 pixels 2 x 2 instead of 7 x 7), the pooling repeats its
    values; the layer's weights for equal values are added up beforehand instead.

    Args:
        model: With frozen parameters. A model that `torch.compile` has compiled stays as it is.

    Yields:
        The names of the paths that were taken so far.
    """
    taken: set[str] = set()
    kept = derived(model)
    with ExitStack() as restore:
        modules = list(model.modules())
        if not any(_is_compiled(module) for module in modules):
            for module in modules:
                if type(module) is nn.Conv2d:
                    _replace(module, _convolution(module, kept, taken), restore)
                elif _is_torchvision_vgg(module):
                    _replace(module, _vgg(module, kept, taken), restore)
        yield taken


def _is_compiled(module: nn.Module) -> bool:
    return "_orig_mod" in module._modules or module._compiled_call_impl is not None


def _replace(module: Any, forward: Callable[[Tensor], Tensor], restore: ExitStack) -> None:
    if "forward" in vars(module):  # another's replacement
        return
    module.forward = forward
    restore.callback(delattr, module, "forward")


def _convolution(layer: nn.Conv2d, kept: dict[Any, Any], taken: set[str]) -> Callable[[Tensor], Tensor]:
    def forward(images: Tensor) -> Tensor:
        is_batch = images.ndim == 4 and images.dtype == torch.float32
        m = tile_of(layer, images.shape[-2], images.shape[-1]) if is_batch else None
        # A hook before the layer may change its weights, as pruning and normalisation of weights do.
        if m is None or layer.weight.requires_grad or layer._forward_pre_hooks:
            return nn.Conv2d.forward(layer, images)
        taken.add(WINOGRAD)
        if (layer, m) not in kept:
            kept[layer, m] = transformed(layer.weight.detach(), m)
        result = Convolution.apply(images, *kept[layer, m], m)
        return result if layer.bias is None else result + layer.bias.view(-1, 1, 1)

    return forward


def _is_torchvision_vgg(module: nn.Module) -> bool:
    # Importing torchvision takes a second; where it is not imported, no model is of it.
    source = sys.modules.get("torchvision.models.vgg")
    return (
        source is not None
        and isinstance(module, source.VGG)
        and type(module).forward is source.VGG.forward
        and type(module.avgpool) is nn.AdaptiveAvgPool2d
        and type(module.classifier) is nn.Sequential
        and type(module.classifier[0]) is nn.Linear
    )


def _vgg(net: Any, kept: dict[Any, Any], taken: set[str]) -> Callable[[Tensor], Tensor]:
    """The whole forward pass, as another model may call the parts of a VGG in its own way."""
    average, head, first = net.avgpool, net.classifier, net.classifier[0]

    def forward(images: Tensor) -> Tensor:
        maps = net.features(images)
        height, width = maps.shape[-2:]
        is_smaller = height * width < _pixels(average)
        if not is_smaller or first.weight.requires_grad or any(map(_is_watched, (average, head, first))):
            values: Tensor = head(torch.flatten(average(maps), 1))
            return values
        taken.add(FOLDED)
        if (first, height, width) not in kept:
            kept[first, height, width] = _folded(average, first, height, width)
        values = F.linear(torch.flatten(maps, 1), kept[first, height, width], first.bias)
        return nn.Sequential.forward(head[1:], values)

    return forward


def _pixels(average: nn.AdaptiveAvgPool2d) -> int:
    """Of a pooled map; 0 where its size depends on the input's."""
    sides: Any = average.output_size
    height, width = sides if isinstance(sides, tuple) else (sides, sides)
    return (height or 0) * (width or 0)


def _folded(average: nn.AdaptiveAvgPool2d, layer: nn.Linear, height: int, width: int) -> Tensor:
    """The weights of a linear layer for maps that are not pooled before it."""
    # The pooling of every image with one pixel is the matrix of this linear operation.
    pixels = torch.eye(height * width).to(layer.weight).view(-1, 1, height, width)
    pooling = average(pixels).flatten(1)
    weights = layer.weight.detach().view(layer.out_features, -1, pooling.shape[1])
    return (weights @ pooling.t()).flatten(1)


def _is_watched(module: nn.Module) -> bool:
    """Whether someone sees what the module gets or returns; `Activations.note` looks at maps and tokens alone."""
    hooks = [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]
    return any(getattr(hook, "__func__", None) is not Activations.note for hook in hooks)
