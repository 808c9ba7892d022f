"""Layers by name, and their outputs. Hooks for outputs are added only here, and always removed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor, nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
POOLING = (nn.MaxPool2d, nn.AvgPool2d)
CHANNELS_FIRST = (nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm)
CHANNELS_LAST = (nn.Linear, nn.LayerNorm, nn.RMSNorm)
"""Modules whose output has its channels on the axis after the batch, or on the last axis."""


def layer_names(model: nn.Module) -> dict[str, nn.Module]:
    """All layers by name; a layer may have several names.

    These are the names of `model.named_modules()`; every ending of such a name that no other name has (of
    `net.features.21`: `features.21`); and in a plain stack of convolutions and pooling, as VGG's `features`, the names
    of the literature: `conv4_3` for the third convolution after the third pooling, `relu4_3` for the ReLU after it.
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
    """The layer of that name, see `layer_names`; a `ValueError` for an unknown name lists the nearest ones."""
    known = layer_names(model)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or list(known)[:5]
    raise ValueError(
        f"layer={name!r} does not exist in {type(model).__name__}; near it: {', '.join(near) or 'nothing'}"
    )


class Activations(dict[str, Tensor]):
    """Outputs of layers by name, as their modules returned them, and the axis of their channels.

    The type of a known module determines the axis. Any other module, such as a block or an activation function, has its
    channels where the last known module before its output has them; for tokens (B, T, C) and maps (B, H, W, C) this is
    a linear layer or a layer norm. Where the shape has changed since, it is the axis with as many channels.

    Attributes:
        axes: By layer, 1 or -1; 0 where the axis is ambiguous.
    """

    def __init__(self) -> None:
        super().__init__()
        self.axes: dict[str, int] = {}
        self._last: tuple[int, int, int] | None = None

    def begin(self, *given: object) -> None:
        """Forget the last forward pass."""
        self._last = None

    def note(self, module: nn.Module, given: object, output: Any) -> None:
        """Remember a known module: its axis, its channels, and the number of axes of its output."""
        if not isinstance(output, Tensor) or output.ndim < 3:
            return
        if isinstance(module, CHANNELS_FIRST):
            self._last = 1, output.shape[1], output.ndim
        elif isinstance(module, nn.Linear):
            self._last = -1, module.out_features, output.ndim
        elif isinstance(module, nn.LayerNorm | nn.RMSNorm) and len(module.normalized_shape) == 1:
            self._last = -1, module.normalized_shape[0], output.ndim

    def keep(self, name: str, module: nn.Module, given: object, output: Any) -> None:
        """Keep a layer's output.

        Raises:
            ValueError: When it is not a tensor.
        """
        if not isinstance(output, Tensor):
            kind = type(output).__name__
            raise ValueError(f"layer={name!r} returns a {kind}, not a tensor; name a layer inside or around it")
        # A copy: the ReLU that follows a convolution works in place and would overwrite its output.
        self[name] = output.clone()
        self.axes[name] = self._axis(module, output)

    def _axis(self, module: nn.Module, output: Tensor) -> int:
        if output.ndim < 3:
            return 1
        if self._last is None:
            return 0 if output.ndim == 3 else 1
        axis, channels, ndim = self._last
        same = output.ndim == ndim
        # A block may concatenate outputs of convolutions; a module without children keeps the number of channels.
        joins = axis == 1 and (output.shape[1] == channels or any(True for _ in module.children()))
        if same and (joins or type(module) in CHANNELS_LAST):
            return axis
        fitting = [place for place in (1, -1) if output.shape[place] == channels]
        if len(fitting) == 1:
            return fitting[0]
        # Tokens stay tokens; but a block of linear layers may return (B, H, W, C) or, as in ConvNeXt, (B, C, H, W).
        return axis if same and (output.ndim == 3 or not fitting) else 0


@dataclass(frozen=True)
class Seen:
    """Result of one forward pass.

    Attributes:
        output: Return value of the model.
        layers: Activations (B, ...) of the layers that the forward pass has used, by name.
        copies: Images per unit; row = (unit * copies + copy) * samples + sample.
        samples: How often each image was shown, each time with new random transforms.
        seeds: The same for the seed images of the objective, under the same transforms; None: it has none.
    """

    output: Any
    layers: Mapping[str, Tensor]
    copies: int = 1
    samples: int = 1
    seeds: Seen | None = None

    def __getitem__(self, layer: str) -> Tensor:
        """The activations (B, ...) of a layer; raises `ValueError` when the forward pass does not use it."""
        if layer not in self.layers:
            raise ValueError(f"layer={layer!r}: the model's forward pass does not use it")
        return self.layers[layer]

    def by_channel(self, layer: str, count: int) -> Tensor:
        """The activations (B, C, ...) of a layer for B = `count` images, channels first for any module.

        Raises:
            ValueError: When the forward pass does not use the layer, the axis of its channels is ambiguous, or the
                first axis is not that of the images.
        """
        values, axis = self[layer], self._axis(layer)
        shape = tuple(values.shape)
        if not axis:
            raise ValueError(
                f"layer={layer!r} returns {shape}: the axis of its channels is ambiguous; "
                "name another layer, such as a convolution, linear layer or layer norm, or render at another size"
            )
        if len(values) != count:
            raise ValueError(f"{layer} returns {shape} for {count} images: its first axis is not that of the images")
        return values.movedim(axis, 1)

    def has_tokens(self, layer: str) -> bool:
        """Whether its activations are (B, tokens, C)."""
        return self[layer].ndim == 3 and self._axis(layer) == -1

    def _axis(self, layer: str) -> int:
        return self.layers.axes[layer] if isinstance(self.layers, Activations) else 1


@contextmanager
def watched(model: nn.Module, layers: Iterable[str]) -> Iterator[Activations]:
    """Within: each forward pass puts the layers' outputs into the dictionary; of a layer called twice, the last one.

    The layers' names are as in `layer_names`.

    Raises:
        ValueError: For an unknown layer, or one whose output is not a tensor.
    """
    outputs = Activations()
    names = list(layers)
    with ExitStack() as hooks:
        if names:
            for module in model.modules():
                if isinstance(module, CHANNELS_FIRST + CHANNELS_LAST):
                    hooks.enter_context(module.register_forward_hook(outputs.note))
            hooks.enter_context(model.register_forward_pre_hook(outputs.begin))
        for name in names:
            hooks.enter_context(find_layer(model, name).register_forward_hook(partial(outputs.keep, name)))
        yield outputs
