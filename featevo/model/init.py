"""The initial weights of a network: random or from a file, all trainable or partly frozen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from featevo.errors import UserError
from featevo.model.freeze import freeze as freeze_parts
from featevo.model.init_report import InitReport, layer_of, unloaded
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
    """Set the initial weights of a network, as configured in `conf/init`.

    Args:
        net: Changed in place.
        name: "random": all layers by `scheme`. "pretrained": all but the last from weights that were trained before.
            "checkpoint": all of them, including the last.
        scheme: Random scheme, for all layers or those that the weights do not cover; see `schemes.draw`.
        weights: A file, see `weight_files.read_weights`; None with "pretrained" or "checkpoint": the published weights
            of `origin`.
        strict: Whether layers of the file that do not fit are an error; otherwise they are left out.
        freeze: The parts that are not trained, see `freeze.freeze`.
        origin: Name of published weights, see `origins.origin`.

    Returns:
        The state of every layer.

    Raises:
        UserError: For names that do not exist and files that do not fit.
    """
    if name not in INITS:
        raise UserError(f"init.name={name}: there are {', '.join(INITS)}")
    if name == "random" and weights is not None:
        raise UserError(f"init.weights={weights}: random weights come from no file; use init=pretrained")
    if name == "checkpoint" and weights is None and origin is None:
        raise UserError("init=checkpoint: needs a file, init.weights=PATH, for example a run's checkpoints/best.ckpt")
    if name == "random":
        used, source = draw(net, scheme), None
        layers = unloaded(net)
    else:
        # Read first: a wrong path is an error before the weights of a large network are drawn.
        if weights is None:
            state, source = pretrained_weights(origin)
            where = f"init={name} ({source})"
        else:
            state, source, where = read_weights(Path(weights).expanduser()), weights, f"init.weights={weights}"
        used = draw(net, scheme, alone=False)
        layers = tuple(load_layers(net, state, where, last=name == "checkpoint", strict=strict))
    parts = freeze_parts(net, freeze)
    own = dict(net.named_parameters())
    trainable = {key: weight for key, weight in own.items() if weight.requires_grad}
    return InitReport(
        name=name,
        scheme=used,
        source=source,
        layers=layers,
        freeze=parts,
        frozen=frozenset(map(layer_of, own)) - frozenset(map(layer_of, trainable)),
        trainable=sum(weight.numel() for weight in trainable.values()),
        total=sum(weight.numel() for weight in own.values()),
    )
