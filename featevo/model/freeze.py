"""Freeze parts of a network, by block, by range of blocks, or by a layer's name: they keep their initial weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from torch import nn

from featevo.errors import UserError

BLOCK_RANGE = re.compile(r"(block\d+)-(block\d+)")


def freeze(net: nn.Module, parts: str | Sequence[str] | None) -> tuple[str, ...]:
    """Exclude weights from training: they no longer require gradients.

    Args:
        net: Changed in place.
        parts: None or "none"; the name of a module or weight ("features", "features.0", "layer1"): all weights whose
            names begin with it; "block1" for a block, see `blocks`; "block1-block3" for several; or a list of these.

    Returns:
        The frozen parts: every block separately, and names as given.

    Raises:
        UserError: For a name that this network does not have, or if no trainable weights would be left.
    """
    given = [] if parts in (None, "none") else list(parts) if isinstance(parts, list | tuple) else [parts]
    known = blocks(net)
    chosen = [name for part in given for name in _expanded(part, known)]
    for name in chosen:
        roots = known.get(name, [name])
        weights = [w for own, w in net.named_parameters() if any(f"{own}.".startswith(f"{root}.") for root in roots)]
        if not weights:
            raise UserError(_unknown(net, name, known))
        for weight in weights:
            weight.requires_grad_(False)
    if chosen and not any(weight.requires_grad for weight in net.parameters()):
        named = parts if isinstance(parts, str) else f"[{','.join(map(str, given))}]"
        raise UserError(f"init.freeze={named}: no trainable weights would be left; do not freeze the last layer")
    return tuple(dict.fromkeys(chosen))


def blocks(net: nn.Module) -> dict[str, list[str]]:
    """Groups of convolutions between the max-pools of `net.features`, as block1, block2, ...: VGG's blocks.

    Returns:
        Names of the modules of every block; empty for a network without these parts.
    """
    features = getattr(net, "features", None)
    if not isinstance(features, nn.Sequential) or not any(isinstance(m, nn.MaxPool2d) for m in features):
        return {}
    groups: list[list[str]] = [[]]
    for name, module in features.named_children():
        if isinstance(module, nn.MaxPool2d):
            groups.append([])
        elif any(True for _ in module.parameters()):
            groups[-1].append(f"features.{name}")
    return {f"block{number}": group for number, group in enumerate(filter(None, groups), 1)}


def hold_statistics(net: nn.Module) -> None:
    """Put frozen batch norm in eval mode: its statistics would change in training mode.

    Batch norm is frozen if it is inside a module whose weights are all frozen.
    """
    for module in net.modules():
        weights = [weight.requires_grad for weight in module.parameters()]
        if weights and not any(weights):
            for inner in module.modules():
                if getattr(inner, "running_mean", None) is not None:
                    inner.eval()


def _expanded(part: object, known: dict[str, list[str]]) -> list[str]:
    if not isinstance(part, str):
        raise UserError(f"init.freeze: {part!r} is not a name; allowed are names (block1), ranges, and lists of them")
    match = BLOCK_RANGE.fullmatch(part.replace(" ", ""))
    if match is None:
        return [part]
    first, last = match.groups()
    names = list(known)
    if first not in names or last not in names or names.index(first) > names.index(last):
        allowed = f"there are {names[0]} to {names[-1]}" if names else "this network has no blocks"
        raise UserError(f"init.freeze={part}: is not a range of blocks; {allowed}")
    return names[names.index(first) : names.index(last) + 1]


def _unknown(net: nn.Module, name: str, known: dict[str, list[str]]) -> str:
    layers = [own for own, module in net.named_modules() if own and any(True for _ in module.parameters())]
    near = get_close_matches(name, [*known, *layers], n=3)
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    top = [own for own in layers if "." not in own]
    what = "has no weights to freeze" if name in dict(net.named_modules()) else "there is no such part of this network"
    return f"init.freeze={name}: {what}{hint}; there are {', '.join([*known, *top])}, and every layer within these"
