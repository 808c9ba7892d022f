"""Random weights by name of the scheme."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn
from torchvision.models import VGG

from featevo.errors import UserError

Layer = nn.Conv2d | nn.Linear


def _torchvision(layer: Layer) -> None:
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    else:
        nn.init.normal_(layer.weight, 0, 0.01)


SCHEMES: dict[str, Callable[[Layer], object]] = {
    # He et al. 2015: variance 2 / fan-in, which keeps the activations' scale through sixteen layers of ReLU.
    "kaiming": lambda layer: nn.init.kaiming_normal_(layer.weight, mode="fan_in", nonlinearity="relu"),
    # Glorot and Bengio 2010, uniform: the default of Keras, which the paper used.
    "xavier": lambda layer: nn.init.xavier_uniform_(layer.weight),
    # PyTorch's default: uniform, variance 1 / (3 fan-in) for weights and biases; activations shrink layer by layer.
    "torch": lambda layer: layer.reset_parameters(),
    # As in `torchvision.models.vgg*`: variance 2 / fan-out for convolutions, 0.01 squared for linear layers.
    "torchvision": _torchvision,
    # Saxe et al. 2014: orthogonal rows or columns, times the square root of 2 that ReLU needs.
    "orthogonal": lambda layer: nn.init.orthogonal_(layer.weight, gain=2**0.5),
}
"""Functions that draw the weights of one layer; biases start at 0, except with "torch"."""

OWN, AUTO = "own", "auto"


def draw(net: nn.Module, scheme: str = AUTO, *, alone: bool = True) -> str:
    """Draw all convolution and linear weights anew from the global random stream.

    Args:
        net: Changed in place.
        scheme: A name in `SCHEMES`; "own" keeps the weights of the network's constructor; "auto" is "own" for all but
            VGG networks. These get "kaiming", without which sixteen layers do not train; or "torch" if trained weights
            take the place of most: a new last layer with large weights would destroy their features in an epoch.
        alone: Whether these weights stay; otherwise trained ones take the place of most.

    Returns:
        The scheme that was used.

    Raises:
        UserError: For an unknown scheme.
    """
    if scheme not in (*SCHEMES, OWN, AUTO):
        raise UserError(f"init.scheme={scheme}: there are {', '.join((*SCHEMES, OWN, AUTO))}")
    if scheme == AUTO:
        scheme = OWN if not isinstance(net, VGG) else "kaiming" if alone else "torch"
    if scheme != OWN:
        for module in net.modules():
            if isinstance(module, Layer):
                SCHEMES[scheme](module)
                if scheme != "torch" and module.bias is not None:
                    nn.init.zeros_(module.bias)
    return scheme
