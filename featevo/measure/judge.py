"""A judge: the frozen convolutions of a VGG that is independent of the network of the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from featevo.errors import UserError
from featevo.visualize.layers import layer_names
from featevo.visualize.network import weights_hash

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""ImageNet's, per channel of images in 0..1; the shipped weights were trained with them, too."""

CHUNK = 64
"""Most images in one forward pass."""


@dataclass(frozen=True)
class Judge:
    """Frozen convolutions up to one layer; made by `judge`.

    Attributes:
        name: The file's name without its folder.
        weights: SHA-256 of all its convolutions, by `features_hash`.
        layer: The convolution whose activations are used, `conv4_3` is the third of the fourth block.
        mean: Subtracted from images in 0..1, per channel.
        std: Divides them after that, per channel.
        net: The convolutions up to that layer and its ReLU.
        deviation: (C,): standard deviation of each channel over real images and positions, once calibrated.
        maximum: (C,): median over real images of each channel's largest activation in an image, once calibrated.
    """

    name: str
    weights: str
    layer: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    net: nn.Sequential = dataclasses.field(repr=False, compare=False)
    deviation: Tensor | None = dataclasses.field(default=None, repr=False, compare=False)
    maximum: Tensor | None = dataclasses.field(default=None, repr=False, compare=False)

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """The activations of the judge's layer, after its ReLU.

        Args:
            images: (B, 3, H, W) in 0..1, on any device.

        Returns:
            (B, C, h, w), float32, on the judge's device.

        Raises:
            ValueError: For images of another shape, or too small for the layer.
        """
        factor = 2 ** (int(self.layer[4]) - 1)
        if images.ndim != 4 or images.shape[1] != 3 or min(images.shape[2:]) < factor:
            raise ValueError(
                f"images of shape {tuple(images.shape)}: the judge takes (B, 3, H, W), at least {factor} pixels "
                f"wide and high for {self.layer}"
            )
        parameter = next(self.net.parameters())
        mean, std = (parameter.new_tensor(values).view(3, 1, 1) for values in (self.mean, self.std))
        chunks = images.detach().split(CHUNK) if len(images) else (images,)
        return torch.cat([self.net((chunk.to(parameter) - mean) / std) for chunk in chunks])

    def calibrated(self, images: Tensor) -> Judge:
        """The same judge with statistics over real images (B, 3, H, W) in 0..1, of the size to be measured."""
        activations = self.features(images)
        if not len(activations):
            raise ValueError("no real images to calibrate the judge with")
        return dataclasses.replace(
            self,
            deviation=activations.double().std((0, 2, 3), correction=0),
            maximum=activations.amax((2, 3)).double().quantile(0.5, dim=0),
        )

    def to(self, device: torch.device | str) -> Judge:
        """The same judge on another device."""
        net = nn.Sequential(*self.net)
        deviation, maximum = (None if kept is None else kept.to(device) for kept in (self.deviation, self.maximum))
        return dataclasses.replace(self, net=net.to(device), deviation=deviation, maximum=maximum)


def judge(
    weights: str | Path | None = None,
    layer: str | None = None,
    mean: Sequence[float] = MEAN,
    std: Sequence[float] = STD,
) -> Judge:
    """A judge from weights.

    Args:
        weights: A safetensors or torch file with the convolutions of a VGG under torchvision's names
            (`features.N.weight`), of any depth and width, float16 allowed. None: the weights shipped with featevo.
        layer: The convolution to use. None: conv3_3 of the shipped weights, conv4_3 of others (docs/measures.md).
        mean: As the weights were trained.
        std: Likewise.

    Raises:
        ValueError: When the file does not hold a VGG's convolutions, or has no such layer.
    """
    from featevo.model.origins import SHIPPED
    from featevo.model.weight_files import read_weights

    path = SHIPPED["vgg16_slim"] if weights is None else Path(weights)
    layer = layer or ("conv3_3" if path == SHIPPED["vgg16_slim"] else "conv4_3")
    try:
        state = read_weights(path)
    except UserError as error:
        raise ValueError(f"judge {path.name}: {str(error).removeprefix('init.weights=')}") from error
    features = _convolutions({name: tensor.float() for name, tensor in state.items() if _is_feature(name)}, path.name)
    names = layer_names(features)
    convolutions = [name for name in names if name.startswith("conv")]
    if layer not in convolutions:
        raise ValueError(f"judge {path.name}: there is no layer {layer!r}; use one of {', '.join(convolutions)}")
    last = list(features).index(names[layer.replace("conv", "relu")])
    net = features[: last + 1].eval().requires_grad_(False)
    return Judge(path.stem, features_hash(features.state_dict(prefix="features.")), layer, tuple(mean), tuple(std), net)


def features_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 of the convolutions (`features.*`) of a VGG's state dict, as float32: to compare networks."""
    return weights_hash({name: tensor.float() for name, tensor in sorted(state.items()) if _is_feature(name)})


def _is_feature(name: str) -> bool:
    return name.startswith("features.") and not name.endswith("num_batches_tracked")


def _convolutions(state: dict[str, Tensor], name: str) -> nn.Sequential:
    """The VGG's `features` that these tensors fit, found by their number and the first one's shape."""
    from featevo.model.vgg import CONFIGURATIONS, vgg

    kernels = [tensor for tensor in state.values() if tensor.ndim == 4]
    depths = {sum(isinstance(part, int) for part in order): depth for depth, order in CONFIGURATIONS.items()}
    first = state.get("features.0.weight")
    if first is None or len(kernels) not in depths or first.ndim != 4 or first.shape[1] != 3:
        raise ValueError(
            f"judge {name}: not the convolutions of a VGG for colour images ({len(kernels)} convolutions found under "
            f"features.N.weight; a VGG has {', '.join(map(str, depths))})"
        )
    batch_norm = any(key.endswith("running_mean") for key in state)
    net = vgg(2, depths[len(kernels)], batch_norm, width=len(first) / 64, hidden=1, pool=1).features
    try:
        found = net.load_state_dict(
            {key.removeprefix("features."): value for key, value in state.items()}, strict=False
        )
    except RuntimeError as error:
        raise ValueError(f"judge {name}: {' '.join(str(error).split())[:200]}") from error
    wrong = [key for key in (*found.missing_keys, *found.unexpected_keys) if not key.endswith("num_batches_tracked")]
    if wrong:
        raise ValueError(
            f"judge {name}: not a VGG's tensors, missing or too many: features.{', features.'.join(wrong[:5])}"
        )
    return net
