"""Attribution by Captum: how much each pixel of an image adds to the logit of a class.

Captum is optional, so it is imported where it is used. A method gets an image (1, C, H, W) in 0..1, alone: nothing can
couple two images. All pixels are in the range 0..1, also for networks whose normalisation is outside of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from featevo.views.relus import check_relus
from featevo.views.view import Network
from featevo.visualize.layers import CONVOLUTIONS
from featevo.visualize.network import normalised, weights_dtype
from featevo.visualize.objectives import class_logits
from featevo.visualize.streams import stream

GREY = 0.5
"""Of the baseline of integrated gradients and of the occluding squares; black would make black pixels worthless."""

NOISE = 0.15
"""Standard deviation of SmoothGrad's noise; Smilkov et al. 2017 find 10 to 20 % of the range best."""

WINDOWS = 8
"""Sides of occluding squares in a side of the image; they move by half of theirs."""

AT_ONCE = 16
"""Images in a batch of one method."""


class Logits(nn.Module):
    """From images (B, C, H, W) in 0..1 to logits (B, K)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network, self.module = network, network.module

    def forward(self, images: Tensor) -> Tensor:
        mean, std = self.network.mean, self.network.std
        return class_logits(self.module(normalised(images, mean, std, weights_dtype(self.module))), len(images))


@dataclass(frozen=True)
class Case:
    """What is explained.

    Attributes:
        logits: The network, within `featevo.visualize.network.frozen_eval`.
        image: (1, C, H, W) in 0..1, on the network's device.
        target: The class.
        samples: Points of the path of integrated gradients; noisy images of SmoothGrad.
        noise: Seed and unit of SmoothGrad's noise.
    """

    logits: Logits
    image: Tensor
    target: int
    samples: int
    noise: tuple[int, int]

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of all of Captum's methods; a fresh image, as it may keep a gradient."""
        return {"inputs": self.image.detach().clone().requires_grad_(True), "target": self.target}


def check_captum() -> None:
    """Raise `ValueError` when Captum is not installed."""
    try:
        import captum.attr  # noqa: F401
    except ImportError as error:
        raise ValueError("attribution needs captum: pip install 'featevo[attribution]'") from error


def _gradient(case: Case) -> Tensor:
    from captum.attr import Saliency

    return Saliency(case.logits).attribute(**case.given, abs=False)


def _smoothgrad(case: Case) -> Tensor:
    # Captum's NoiseTunnel draws from the global random stream, so the noise is added here.
    from captum.attr import Saliency

    noise = torch.randn((case.samples, *case.image.shape[1:]), generator=stream(*case.noise))
    total = torch.zeros_like(case.image)
    for some in noise.to(case.image).split(AT_ONCE):
        noisy = (case.image + NOISE * some).requires_grad_(True)
        total += Saliency(case.logits).attribute(noisy, target=case.target, abs=False).sum(0, keepdim=True)
    return total / case.samples


def _integrated_gradients(case: Case) -> Tensor:
    from captum.attr import IntegratedGradients

    return IntegratedGradients(case.logits).attribute(
        **case.given, baselines=GREY, n_steps=case.samples, internal_batch_size=AT_ONCE
    )


def _guided_backprop(case: Case) -> Tensor:
    from captum.attr import GuidedBackprop

    return _with_relu_hooks(GuidedBackprop, case)


def _deconvolution(case: Case) -> Tensor:
    from captum.attr import Deconvolution

    return _with_relu_hooks(Deconvolution, case)


def _with_relu_hooks(method: Callable[[nn.Module], Any], case: Case) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Setting backward hooks on ReLU activations")
        return method(case.logits).attribute(**case.given)


def _gradcam(case: Case) -> Tensor:
    from captum.attr import LayerAttribution, LayerGradCam

    # Signed, as evidence against the class counts, too.
    maps = LayerGradCam(case.logits, last_maps(case.logits, case.image)).attribute(**case.given)
    return LayerAttribution.interpolate(maps.detach(), tuple(case.image.shape[2:]), "bilinear")


def _occlusion(case: Case) -> Tensor:
    from captum.attr import Occlusion

    channels, *sides = case.image.shape[1:]
    window = [max(1, side // WINDOWS) for side in sides]
    drops = Occlusion(case.logits).attribute(
        case.image,
        target=case.target,
        sliding_window_shapes=(channels, *window),
        strides=(channels, *(max(1, side // 2) for side in window)),
        baselines=GREY,
        perturbations_per_eval=AT_ONCE,
    )
    return drops[:, :1]  # the same in all channels


METHODS: Mapping[str, Callable[[Case], Tensor]] = {
    "gradcam": _gradcam,
    "integrated_gradients": _integrated_gradients,
    "gradient": _gradient,
    "smoothgrad": _smoothgrad,
    "guided_backprop": _guided_backprop,
    "deconvolution": _deconvolution,
    "occlusion": _occlusion,
}
"""By name, from a case to attributions (1, C or 1, H, W)."""


def attributed(method: str, case: Case) -> Tensor:
    """The attribution (H, W) of each pixel: the sum over channels, on the CPU."""
    return METHODS[method](case).detach()[0].sum(0).float().cpu()


def check_method(method: str, logits: Logits, image: Tensor) -> None:
    """Raise `ValueError` when the network lacks what a method needs; `image` (1, C, H, W) is any of its inputs."""
    if method == "gradcam":
        last_maps(logits, image)
    elif method in ("guided_backprop", "deconvolution"):
        check_relus(method, logits, image)


def last_maps(logits: Logits, image: Tensor) -> nn.Module:
    """The last layer that returns maps of the size of the last convolution's.

    In a VGG network this is the ReLU after the last convolution, in a ResNet the last block; Grad-CAM was published for
    these (Selvaraju et al. 2017), and not for a convolution whose negative values are lost after it.

    Raises:
        ValueError: When the forward pass uses no convolution.
    """
    used: list[tuple[nn.Module, tuple[int, ...]]] = []

    def note(module: nn.Module, given: object, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4:
            used.append((module, tuple(output.shape[2:])))

    hooks = [module.register_forward_hook(note) for module in logits.module.modules()]
    try:
        with torch.no_grad():
            logits(image)
    finally:
        for hook in hooks:
            hook.remove()
    sizes = [size for module, size in used if isinstance(module, CONVOLUTIONS)]
    if not sizes:
        raise ValueError(f"methods: gradcam needs a convolution; {type(logits.module).__name__} uses none")
    return next(module for module, size in reversed(used) if size == sizes[-1])
