"""How much the layers of a network change over training: linear CKA between the same layer at two moments.

The features X of a layer (N images, D numbers each, centred over the images) give a Gram matrix K = X X^T of N x N
numbers; these are enough for CKA (Kornblith et al. 2019, arXiv 1905.00414, equation 3):

    CKA(K, L) = sum(K * L) / (norm(K) norm(L))

It is 1 for features that are equal up to a rotation and a scale, and 0 for unrelated ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from featevo.record.reading import evenly
from featevo.visualize.layers import CONVOLUTIONS, layer_names
from featevo.visualize.network import frozen_eval, normalised, weights_dtype

IMAGES = 64
"""Most images of a Gram matrix."""

LAYERS = 24
"""Most layers, spread evenly from the first to the last; with `IMAGES` images they take 0.4 MB on disk."""


Grams = dict[str, Tensor]
"""Centred Gram matrices (N, N) by layer."""

GramsOf = Callable[[Tensor], Grams]
"""From images (N, C, H, W) in 0..1 to a network's `grams`."""


def linear_cka(one: Tensor, other: Tensor) -> float:
    """Linear CKA of features (N, ...) and (N, ...) of the same N images, in 0..1; NaN for features without variance."""
    return float(cka(centred_gram(one.double()), centred_gram(other.double())))


def cka(one: Tensor, other: Tensor) -> Tensor:
    """Linear CKA of centred Gram matrices (..., N, N), in 0..1; NaN where one is zero."""
    one, other = one.double(), other.double()
    similarity = (one * other).sum((-2, -1)) / (one.norm(dim=(-2, -1)) * other.norm(dim=(-2, -1)))
    return similarity.clamp(0, 1)


def centred_gram(features: Tensor) -> Tensor:
    """The Gram matrix (N, N) of features (N, ...), centred over the N images, in their type."""
    flat = features.flatten(1)
    flat = flat - flat.mean(0)
    return flat @ flat.T


def grams(model: nn.Module, images: Tensor, mean: Sequence[float] = (0.0,), std: Sequence[float] = (1.0,)) -> Grams:
    """The Gram matrices of the outputs of convolutions and linear layers, by name in the order of the forward pass.

    Of more than `LAYERS` layers, evenly spread ones. Layers whose first axis is not that of the images, as within the
    windows of a Swin transformer, are left out; of a layer that is called twice, the last output counts.

    Args:
        model: From normalised images to anything; it stays in its mode, with its buffers and gradients.
        images: (N, C, H, W) in 0..1.
        mean: Per channel: subtracted from the images.
        std: Per channel: divides them after that.

    Returns:
        (N, N) matrices, float32 on the CPU.
    """
    found: Grams = {}

    def keep(name: str, module: nn.Module, given: object, output: object) -> None:
        # At once: kept outputs of all layers would need much more memory than a forward pass.
        if isinstance(output, Tensor) and output.ndim > 1 and len(output) == len(images):
            found[name] = centred_gram(output.detach().float()).cpu()

    with frozen_eval(model) as device, torch.no_grad(), ExitStack() as hooks:
        for module, name in _named(model).items():
            hooks.enter_context(module.register_forward_hook(partial(keep, name)))
        model(normalised(images.to(device), mean, std, weights_dtype(model)))
    names = list(found)
    return {names[place]: found[names[place]] for place in evenly(len(names), LAYERS)}


def computed_once(grams_of: GramsOf) -> GramsOf:
    """The same function, which computes the Gram matrices of the same images once; for one moment of training."""
    known: list[tuple[Tensor, Grams]] = []

    def remembered(images: Tensor) -> Grams:
        for before, found in known:
            if torch.equal(before, images):
                return found
        known.append((images, grams_of(images)))
        return known[-1][1]

    return remembered


def _named(model: nn.Module) -> dict[nn.Module, str]:
    """Convolutions and linear layers with their shortest clear name: that of the literature, or without a prefix."""
    kinds = (*CONVOLUTIONS, nn.Linear)
    own: dict[nn.Module, str] = {module: name for name, module in model.named_modules() if isinstance(module, kinds)}
    for name, module in reversed(layer_names(model).items()):
        if module in own and name[:1].isalpha():  # a number alone is no clear name
            own[module] = name
    return own


def changes(moments: Sequence[Mapping[str, Tensor]]) -> dict[str, Any]:
    """How the layers of the last moment have changed.

    Args:
        moments: Gram matrices at each moment of training, in its order.

    Returns:
        `layers`, their names; and two lists of a list for each layer with a number for each moment: `to_previous`, the
        CKA to the moment before, and `to_end`, that to the last moment. None where a moment lacks the layer, used
        another number of images, or the layer's outputs do not vary.
    """
    layers = list(moments[-1]) if moments else []

    def similarity(layer: str, one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> float | None:
        if layer not in one or layer not in other or one[layer].shape != other[layer].shape:
            return None
        value = float(cka(one[layer], other[layer]))
        return None if value != value else round(value, 4)

    pairs = list(zip([{}, *moments[:-1]], moments, strict=True)) if moments else []
    return {
        "layers": layers,
        "to_previous": [[similarity(layer, before, now) for before, now in pairs] for layer in layers],
        "to_end": [[similarity(layer, now, moments[-1]) for now in moments] for layer in layers],
    }
