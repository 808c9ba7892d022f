"""How a network starts: from random weights or a file's, all of it learning or parts of it frozen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from featevo.errors import UserError
from featevo.model.freeze import freeze as freeze_parts
from featevo.model.init_report import InitReport, layers_of, unloaded
from featevo.model.load_layers import load_layers
from featevo.model.origins import pretrained_weights
from featevo.model.schemes import AUTO, draw
from featevo.model.weight_files import read_weights

INITS = ("random", "pretrained", "checkpoint")


def initialise(
    net: nn.Module,
    name: str,
    scheme: str = AUTO,
    weights: str | None = None,
    *,
    strict: bool = True,
    freeze: str | Sequence[str] | None = None,
    origin: str | None = None,
) -> InitReport:
    """Give a network the weights that it starts from, as `conf/init` says.

    Args:
        net: Changed in place.
        name: "random": all layers by `scheme`. "pretrained": all but the last from weights trained on something else.
            "checkpoint": all of them, the last included.
        scheme: Random scheme, for all layers or those that the weights do not cover; see `schemes.draw`.
        weights: A file, see `weight_files.read_weights`; None with "pretrained": the weights known for `origin`.
        strict: Whether layers of the file that do not fit are an error; otherwise they are left out.
        freeze: What stays as it starts, see `freeze.freeze`.
        origin: Where known weights come from, see `origins.origin`.

    Returns:
        What became of every layer.

    Raises:
        UserError: For names that do not exist and files that do not fit.
    """
    if name not in INITS:
        raise UserError(f"init.name={name}: there are {', '.join(INITS)}")
    if name == "random" and weights is not None:
        raise UserError(f"init.weights={weights}: random weights come from no file; use init=pretrained")
    if name == "checkpoint" and weights is None:
        raise UserError("init=checkpoint: needs a file, init.weights=PATH, for example a run's checkpoints/best.ckpt")
    if name == "random":
        used, source = draw(net, scheme), None
        layers = unloaded(net)
    else:
        # Read first: a mistyped path is told before a large network is drawn.
        state, source = pretrained_weights(origin) if weights is None else (read_weights(_path(weights)), weights)
        used = draw(net, scheme)
        where = f"init=pretrained ({source})" if weights is None else f"init.weights={weights}"
        layers = tuple(load_layers(net, state, where, last=name == "checkpoint", strict=strict))
    parts = freeze_parts(net, freeze)
    learns = {own: weight.requires_grad for own, weight in net.named_parameters()}
    return InitReport(
        name=name,
        scheme=used,
        source=source,
        layers=layers,
        freeze=parts,
        frozen=frozenset(layer for layer, own in layers_of(learns).items() if not any(learns[n] for n in own)),
        trainable=sum(weight.numel() for weight in net.parameters() if weight.requires_grad),
        total=sum(weight.numel() for weight in net.parameters()),
    )


def _path(weights: str) -> Path:
    return Path(weights).expanduser()
