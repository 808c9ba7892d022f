"""Where the weights come from before training: a random scheme, or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import VGG16_Weights

from featevo.errors import UserError


def kaiming(weight: Tensor) -> None:
    """He et al. 2015: variance 2 / fan-in, which keeps the activations' scale through sixteen layers of ReLU."""
    nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu")


def xavier(weight: Tensor) -> None:
    """Glorot and Bengio 2010, uniform: the default of Keras, which the paper used."""
    nn.init.xavier_uniform_(weight)


SCHEMES: dict[str, Callable[[Tensor], None]] = {"kaiming": kaiming, "xavier": xavier}


def random(net: nn.Module, scheme: str = "kaiming") -> None:
    """Draw all convolution and linear weights anew from the global random stream; biases become zero.

    Args:
        net: Changed in place.
        scheme: A name in `SCHEMES`.

    Raises:
        UserError: For an unknown scheme.
    """
    if scheme not in SCHEMES:
        raise UserError(f"init.scheme={scheme}: there are {', '.join(SCHEMES)}")
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            SCHEMES[scheme](module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def pretrained(net: nn.Module, scheme: str = "kaiming", weights: str | None = None) -> None:
    """Take everything but the last layer from weights trained before; the rest starts from `scheme`.

    Args:
        net: A VGG-16 by `featevo.model.vgg`, changed in place.
        scheme: For the layers that the weights do not cover.
        weights: A safetensors file with torchvision's names, all layers or the features alone; None takes torchvision's
            ImageNet weights, which are downloaded once and need the full width.

    Raises:
        UserError: When the file cannot be read or does not fit, or the network is not the one trained on ImageNet.
    """
    random(net, scheme)
    own = net.state_dict()
    state = _read(Path(weights)) if weights else _imagenet(own)
    last = list(own)[-1].rpartition(".")[0]
    state = {name: tensor for name, tensor in state.items() if not name.startswith(f"{last}.")}
    for name, tensor in state.items():
        if name not in own or own[name].shape != tensor.shape:
            expected = f"{tuple(own[name].shape)}" if name in own else "no such layer"
            raise UserError(
                f"init.weights={weights}: {name} is {tuple(tensor.shape)}, the network has {expected}; "
                "choose the model these weights were trained with (for ImageNet's VGG-16: model=vgg16)"
            )
    if not state:
        raise UserError(f"init.weights={weights}: holds no layer of this network")
    net.load_state_dict(state, strict=False)


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise UserError(f"init.weights={path}: there is no such file")
    try:
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise UserError(f"init.weights={path}: not a readable safetensors file ({error})") from error


def _imagenet(own: dict[str, Tensor]) -> dict[str, Tensor]:
    first = own.get("features.0.weight")
    if first is None or first.shape[0] != 64:
        raise UserError(
            "init=pretrained: no pretrained weights are shipped for this model yet; use model=vgg16 (torchvision's "
            "ImageNet weights, downloaded once), or name a file that fits with init.weights=PATH"
        )
    try:
        return dict(VGG16_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True))
    except (OSError, RuntimeError) as error:
        raise UserError(
            f"init=pretrained: torchvision's ImageNet weights cannot be downloaded ({error}); "
            "name a file with init.weights=PATH"
        ) from error


INITS = ("random", "pretrained")


def initialise(net: nn.Module, name: str, scheme: str, weights: str | None) -> None:
    """Give a network the weights that it starts from, as `conf/init` says.

    Args:
        net: Changed in place.
        name: One of `INITS`.
        scheme: Random scheme, for all layers or those that the weights do not cover.
        weights: See `pretrained`.

    Raises:
        UserError: For names that do not exist and files that do not fit.
    """
    if name == "random":
        if weights is not None:
            raise UserError(f"init.weights={weights}: random weights come from no file; use init=pretrained")
        random(net, scheme)
    elif name == "pretrained":
        pretrained(net, scheme, weights)
    else:
        raise UserError(f"init.name={name}: there are {', '.join(INITS)}")


def parameter_count(net: nn.Module) -> int:
    """Number of trainable weights."""
    return sum(parameter.numel() for parameter in net.parameters() if parameter.requires_grad)


def smallest_size(net: nn.Module, channels: int, at_most: int = 1024) -> int | None:
    """The smallest power of two that works as the side of a picture, or None up to `at_most` pixels."""
    size = 1
    while size <= at_most:
        if takes(net, channels, size):
            return size
        size *= 2
    return None


def takes(net: nn.Module, channels: int, size: int) -> bool:
    """Whether the network answers to a picture of that size; tried on one, so it holds for any architecture."""
    was_training = net.training
    net.eval()
    try:
        with torch.no_grad():
            net(torch.zeros(1, channels, size, size))
    except RuntimeError:
        return False
    finally:
        net.train(was_training)
    return True
