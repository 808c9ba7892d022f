"""Random weights by name of the scheme."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn
from torchvision.models import VGG

from featevo.errors import UserError

Layer = nn.Conv2d | nn.Linear


def kaiming(layer: Layer) -> None:
    """He et al. 2015: variance 2 / fan-in, which keeps the activations' scale through sixteen layers of ReLU."""
    nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu")
    _zero_bias(layer)


def xavier(layer: Layer) -> None:
    """Glorot and Bengio 2010, uniform: the default of Keras, which the paper used."""
    nn.init.xavier_uniform_(layer.weight)
    _zero_bias(layer)


def torch_default(layer: Layer) -> None:
    """PyTorch's own: uniform, variance 1 / (3 fan-in) for weights and biases; shrinks activations layer by layer."""
    layer.reset_parameters()


def torchvision_default(layer: Layer) -> None:
    """What `torchvision.models.vgg*` starts from: variance 2 / fan-out for convolutions, 0.01 squared for the rest."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    else:
        nn.init.normal_(layer.weight, 0, 0.01)
    _zero_bias(layer)


def orthogonal(layer: Layer) -> None:
    """Saxe et al. 2014: orthogonal rows or columns, times the square root of 2 that ReLU needs."""
    nn.init.orthogonal_(layer.weight, gain=2**0.5)
    _zero_bias(layer)


SCHEMES: dict[str, Callable[[Layer], None]] = {
    "kaiming": kaiming,
    "xavier": xavier,
    "torch": torch_default,
    "torchvision": torchvision_default,
    "orthogonal": orthogonal,
}

OWN, AUTO = "own", "auto"


def draw(net: nn.Module, scheme: str = AUTO) -> str:
    """Draw all convolution and linear weights anew from the global random stream.

    Args:
        net: Changed in place.
        scheme: A name in `SCHEMES`; "own" keeps what the network's constructor drew; "auto" is "kaiming" for VGG
            networks, whose sixteen layers do not learn without it, and "own" for any other, which knows best itself.

    Returns:
        The scheme that was used.

    Raises:
        UserError: For an unknown scheme.
    """
    if scheme not in (*SCHEMES, OWN, AUTO):
        raise UserError(f"init.scheme={scheme}: there are {', '.join((*SCHEMES, OWN, AUTO))}")
    if scheme == AUTO:
        scheme = "kaiming" if isinstance(net, VGG) else OWN
    if scheme != OWN:
        for module in net.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                SCHEMES[scheme](module)
    return scheme


def _zero_bias(layer: Layer) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
