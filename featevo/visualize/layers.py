"""Layers by name, and what they answer: the one place that hooks a model, and always unhooks it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
POOLING = (nn.MaxPool2d, nn.AvgPool2d)


def layer_names(model: nn.Module) -> dict[str, nn.Module]:
    """Every name under which a layer can be asked for, and its module.

    These are the names of `model.named_modules()`; where such a name ends in a way that no other does, that ending (of
    `net.features.21`: `features.21`); and in a plain stack of convolutions and pooling, as VGG's `features`, the names
    of the literature: `conv4_3` for the third convolution after the third pooling, `relu4_3` for what follows it.
    """
    own = {name: module for name, module in model.named_modules() if name}
    endings: dict[str, list[str]] = {}
    for name in own:
        parts = name.split(".")
        for first in range(1, len(parts)):
            endings.setdefault(".".join(parts[first:]), []).append(name)
    short = {ending: own[names[0]] for ending, names in endings.items() if len(names) == 1}
    stacks = [module for module in model.modules() if isinstance(module, nn.Sequential) and _is_plain(module)]
    literature = _literature_names(stacks[0]) if len(stacks) == 1 else {}
    return {**literature, **short, **own}


def _is_plain(stack: nn.Sequential) -> bool:
    kinds = [any(isinstance(layer, kind) for layer in stack) for kind in (CONVOLUTIONS, POOLING)]
    return all(kinds) and not any(list(layer.children()) for layer in stack)


def _literature_names(stack: nn.Sequential) -> dict[str, nn.Module]:
    names: dict[str, nn.Module] = {}
    block, number = 1, 0
    for layer in stack:
        if isinstance(layer, POOLING):
            names[f"pool{block}"] = layer
            block, number = block + 1, 0
        elif isinstance(layer, CONVOLUTIONS):
            number += 1
            names[f"conv{block}_{number}"] = layer
        elif isinstance(layer, nn.ReLU) and number:
            names[f"relu{block}_{number}"] = layer
    return names


def find_layer(model: nn.Module, name: str) -> nn.Module:
    """The layer of that name; see `layer_names`.

    Raises:
        ValueError: When there is none; the message lists the nearest names.
    """
    known = layer_names(model)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or list(known)[:5]
    raise ValueError(
        f"layer={name!r} does not exist in {type(model).__name__}; near it: {', '.join(near) or 'nothing'}"
    )


class Seen:
    """What one forward pass showed.

    Attributes:
        output: What the model returned.
        copies: Pictures per unit; row = (unit * copies + copy) * views + view.
        views: How often each picture was shown, each time transformed anew.
    """

    def __init__(self, output: Any, layers: dict[str, Tensor], copies: int = 1, views: int = 1) -> None:
        self.output = output
        self._layers = layers
        self.copies = copies
        self.views = views

    def __getitem__(self, layer: str) -> Tensor:
        """The activations (B, ...) of a layer.

        Raises:
            ValueError: When the forward pass did not come through it.
        """
        if layer not in self._layers:
            raise ValueError(f"layer={layer!r}: the model's forward pass does not come through it")
        return self._layers[layer]


@contextmanager
def watched(model: nn.Module, layers: Iterable[str]) -> Iterator[dict[str, Tensor]]:
    """Within: each forward pass leaves the layers' outputs in the dictionary; of a layer called twice, the last one.

    Args:
        model: Any module.
        layers: Names as in `layer_names`.

    Raises:
        ValueError: For an unknown layer, or one whose output is no tensor.
    """
    outputs: dict[str, Tensor] = {}
    handles = []

    def keep(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not isinstance(output, Tensor):
                raise ValueError(f"layer={name!r} answers a {type(output).__name__}, not a tensor; name one within it")
            # A copy: the ReLU that follows a convolution works in place and would overwrite its output.
            outputs[name] = output.clone()

        return hook

    try:
        for name in layers:
            handles.append(find_layer(model, name).register_forward_hook(keep(name)))
        yield outputs
    finally:
        for handle in handles:
            handle.remove()
