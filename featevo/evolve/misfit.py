"""What does not fit between a module and the settings of the callback: one line before training, by one dry run."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from featevo.views.isolation import isolated
from featevo.views.view import Network
from featevo.visualize.network import frozen_eval, image_dtype, normalised, weights_dtype

FAR = 0.5
"""Batches whose images, brought back to 0..1, leave this range by more are not what `mean` and `std` say."""


def check_network(network: Network, are_logits: bool) -> None:
    """One forward pass of a grey image, outside of training's random streams; nothing of the module changes.

    A module whose weights are made by its first batch is not checked.

    Args:
        network: With the weights at the start of training.
        are_logits: Whether its output must be logits of its classes.

    Raises:
        ValueError: When the module cannot take such images, its output is not such logits, or is not differentiable.
    """
    module = network.module
    if any(is_lazy(parameter) for parameter in module.parameters()):
        return
    size = " x ".join(map(str, network.shape))
    with isolated(), network.returning_logits(), frozen_eval(module) as device:
        grey = torch.full((1, *network.shape), 0.5, dtype=image_dtype(module), device=device, requires_grad=True)
        try:
            output = module(normalised(grey, network.mean, network.std, weights_dtype(module)))
        except Exception as error:  # of any type: the module is the user's own
            reason = " ".join(str(error).split())
            raise ValueError(
                f"the module cannot take images of {size} (channels, image_size): {type(error).__name__}: {reason}"
            ) from error
        if are_logits:
            _check_logits(output, len(network.classes))
        if isinstance(output, Tensor) and not output.requires_grad:
            raise ValueError(
                "the module's output has no gradient with respect to its input, so nothing can be drawn; "
                "forward must not use torch.no_grad, detach or argmax"
            )


def _check_logits(output: Any, classes: int) -> None:
    if not isinstance(output, Tensor) or output.ndim != 2 or len(output) != 1:
        found = f"a tensor of shape {tuple(output.shape)}" if isinstance(output, Tensor) else f"a {_kind(output)}"
        raise ValueError(
            f"the module returns {found} for one image, not logits (1, {classes}); "
            "give output=, a function from what it returns to logits, or objective=, for a network without classes"
        )
    if output.shape[1] != classes:
        raise ValueError(f"classes: {classes} names, but the module returns {output.shape[1]} logits; name all of them")


def _kind(output: Any) -> str:
    if isinstance(output, dict):
        return f"dictionary with {', '.join(map(str, output)) or 'nothing'}"
    return type(output).__name__


def strange_range(batch: Any, network: Network) -> str | None:
    """One line when a training batch is not what `mean` and `std` say; None when it is, or when that is unknown.

    Args:
        batch: As `training_step` takes it: a tensor of images, or a tuple, list or dictionary with one.
        network: Whose `mean` and `std` bring images back to 0..1.
    """
    parts = batch.values() if isinstance(batch, dict) else batch if isinstance(batch, list | tuple) else [batch]
    images = next((part for part in parts if isinstance(part, Tensor) and part.ndim == 4), None)
    if images is None or images.shape[1] != network.channels or not len(images):
        return None
    mean, std = (torch.tensor(values, device=images.device).view(-1, 1, 1) for values in (network.mean, network.std))
    shown = images.detach().float() * std + mean  # uint8 needs std=1/255: the module scales it itself
    low, high = float(shown.min()), float(shown.max())
    if math.isfinite(low + high) and low >= -FAR and high <= 1 + FAR:
        return None
    return (
        f"Training images times std plus mean have values {low:.3g} to {high:.3g}, not about 0 to 1: renders would be "
        "in another range than the images; give this callback the mean and std of the data"
    )
