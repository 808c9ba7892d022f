"""Load a file's weights into a network, layer by layer; layers that do not fit are an error or are left out."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from featevo.errors import UserError
from featevo.model.init_report import Layer, layer_of, layers_of
from featevo.model.weight_names import aligned

COUNTER = "num_batches_tracked"
"""Of batch norm; files from before 2018 lack it (some of torchvision's, too), and no output depends on it."""


def load_layers(net: nn.Module, state: Mapping[str, Tensor], where: str, *, last: bool, strict: bool) -> list[Layer]:
    """Load every layer that a file has and that fits; numbers are converted to the network's precision.

    Args:
        net: Changed in place; an error leaves it unchanged.
        state: By the file's names, see `featevo.model.weight_names.aligned`.
        where: The weights' place in the configuration, for messages.
        last: Whether to load the layer of the logits, too; then no layer may be missing from the file.
        strict: Whether layers that do not fit are an error; otherwise they are left out.

    Returns:
        Every layer of the network in its order, then further ones of the file.

    Raises:
        UserError: If layers do not fit and `strict`, none fits, or weights are not finite.
    """
    own = {name: tensor for name, tensor in net.state_dict().items() if isinstance(tensor, Tensor)}
    names = aligned(state, own)
    found = {inside: state[name] for name, inside in names.items() if inside is not None}
    skipped = None if last else last_layer(net)
    layers, problems = _compared(own, found, skipped)
    problems += [
        f"{layer.name} is not in the file (init=pretrained needs the features only)"
        for layer in layers
        if last and layer.state == "new"
    ]
    foreign = [name for name in found if name not in own and layer_of(name) != skipped]
    problems += [f"{name} is {tuple(found[name].shape)}, the network has no such layer" for name in foreign]
    if problems and strict:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UserError(
            f"{where}: {problems[0]}{more}; choose the model these weights were trained with "
            "(for ImageNet's VGG-16: model=vgg16), or leave out what does not fit with init.strict=false"
        )
    loaded = {layer.name for layer in layers if layer.state == "loaded"}
    if not loaded:
        raise UserError(f"{where}: holds no layer of this network")
    chosen = {name: found[name] for name in own if name in found and layer_of(name) in loaded}
    for name, tensor in chosen.items():
        if not tensor.isfinite().all():
            raise UserError(f"{where}: {name} has values that are not finite, as after a training that diverged")
    net.load_state_dict(chosen, strict=False)
    unused = {name: found[name] for name in foreign}
    unused |= {name: state[name] for name, inside in names.items() if inside is None}
    return layers + [
        Layer(layer, "left out", None, tuple(unused[members[0]].shape)) for layer, members in layers_of(unused).items()
    ]


def last_layer(net: nn.Module) -> str | None:
    """Name of the last convolution or linear layer, which outputs the logits; None if there is none."""
    return next((n for n, m in reversed(list(net.named_modules())) if isinstance(m, nn.Conv2d | nn.Linear)), None)


def _compared(
    own: Mapping[str, Tensor], found: Mapping[str, Tensor], skipped: str | None
) -> tuple[list[Layer], list[str]]:
    layers, problems = [], []
    for layer, members in layers_of(own).items():
        there = [name for name in members if name in found]
        shape = tuple(own[members[0]].shape)
        if not there or layer == skipped:
            layers.append(Layer(layer, "new", shape))
            continue
        needed = [name for name in members if not name.endswith(COUNTER)]
        misfits = [text for text in (_misfit(name, found.get(name), own[name]) for name in needed) if text]
        problems += misfits[:1]
        layers.append(Layer(layer, "left out" if misfits else "loaded", shape, tuple(found[there[0]].shape)))
    return layers, problems


def _misfit(name: str, tensor: Tensor | None, own: Tensor) -> str | None:
    if tensor is None:
        return f"{name} is not in the file, though its layer is"
    if tensor.is_floating_point() != own.is_floating_point():
        return f"{name} holds {str(tensor.dtype).removeprefix('torch.')} numbers, as after quantization"
    if tensor.shape == own.shape:
        return None
    ours, theirs = tuple(own.shape), tuple(tensor.shape)
    if len(ours) == 4 and ours[1] <= 4 and ours[:1] + ours[2:] == theirs[:1] + theirs[2:]:
        return f"{name} is for images of {theirs[1]} channels, the network for {ours[1]} (data.channels)"
    return f"{name} is {theirs}, the network has {ours}"
