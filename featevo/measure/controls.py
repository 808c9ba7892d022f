"""Controls: images that show what a value means: real images, noise, and renders of an untrained network."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from featevo.measure.needs import OF_SNAPSHOTS, needs_of, uses_renders
from featevo.measure.subject import SETS, Measure, OfImages, Predict, Real, Subject
from featevo.visualize.network import normalised, weights_dtype
from featevo.visualize.streams import stream

CHUNK = 64  # images in one forward pass
log = logging.getLogger(__name__)

Draw = Callable[[nn.Module, int], Tensor]
"""From a network and a seed to one image per class (K, C, H, W)."""


def kinds_of_control(
    measures: Iterable[Measure], subject: Subject, module: nn.Module | None, seed: int, draw: Draw, real: Real | None
) -> dict[str, list[Tensor]]:
    """Images by kind: noise, start images, renders of an untrained network, real images.

    There are none of an untrained network where there is no network, or where it cannot be copied, which is logged. As
    they cost as much as a snapshot, they are drawn only for measures that compare classes: for those of images alone,
    such as contrast, start images and noise are floor enough.
    """
    shape = subject.images.shape
    generator = stream(seed, len(subject.images))
    kinds = {
        "noise": [torch.rand(shape, generator=generator) for _ in range(SETS)],
        "start": [(0.5 + 0.05 * torch.randn(shape, generator=generator)).clamp(0, 1) for _ in range(SETS)],
    }
    if module is not None and any(_compares_classes(measure) for measure in measures):
        try:
            kinds["untrained"] = [draw(untrained(module, seed), seed)]
        except Exception as error:  # of any type: the user's own network may have any attributes
            log.warning("Controls: no render of an untrained network (%s)", " ".join(str(error).split()))
    if real is not None:
        kinds["real"] = real.controls(len(subject.images))
    return kinds


def _compares_classes(measure: Measure) -> bool:
    of_renders = uses_renders(measure) and not isinstance(measure, OfImages)
    return of_renders and not needs_of(measure) & OF_SNAPSHOTS  # others have no value for controls


def predictor(module: nn.Module, mean: Sequence[float], std: Sequence[float]) -> Predict:
    """From images in 0..1 to a classifier's probabilities (B, K), float32 on the CPU."""
    first = next(module.parameters(), torch.zeros(()))
    dtype = weights_dtype(module)

    def predict(images: Tensor) -> Tensor:
        with torch.no_grad():
            parts = [normalised(part.to(first.device), mean, std, dtype) for part in images.split(CHUNK)]
            return torch.cat([module(part).float().softmax(1).cpu() for part in parts])

    return predict


def untrained(module: nn.Module, seed: int) -> nn.Module:
    """A copy with new random weights: He et al. 2015 for convolutions and linear layers, the layer's own elsewhere.

    Weights that no layer resets, such as a transformer's class token, are normal with standard deviation 0.02. It uses
    the global random stream, which the caller restores.
    """
    fresh = copy.deepcopy(module)
    torch.manual_seed(seed)
    for layer in fresh.modules():
        reset = getattr(layer, "reset_parameters", None) or getattr(layer, "_reset_parameters", None)
        if callable(reset):
            reset()
        else:
            for weight in layer.parameters(recurse=False):
                nn.init.normal_(weight, std=0.02)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return fresh


def is_related(net: nn.Module, module: nn.Module) -> bool:
    """Whether a network has any convolution of another: it was initialised with these weights."""
    own = [layer.weight.detach().cpu() for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    theirs = [tensor.detach().cpu().float() for tensor in module.state_dict().values() if tensor.ndim == 4]
    return any(mine.shape == its.shape and torch.equal(mine, its) for mine in own for its in theirs)
