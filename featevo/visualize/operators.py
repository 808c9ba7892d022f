"""Operators change the image itself after a step, every k steps; this is the paper's form of regularisation.

An operator is any callable from images (B, C, H, W) and the `Step` just taken to images of the same shape, with an
attribute `every`. It must treat every image separately, otherwise a render would depend on its batch. A new operator is
a class, here or in any importable module, and an entry in `conf/regularizer/*.yaml` with its name as `_target_`. Those
that turn pixels grey are from Yosinski et al. 2015, section 3, and their Deep Visualization Toolbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from featevo.visualize.checks import check_choice
from featevo.visualize.filters import BORDERS, check_window, gaussian_blur, median_filter, median_of_finite
from featevo.visualize.schedule import Setting, at, least, most


@dataclass(frozen=True)
class Step:
    """The step just taken.

    Attributes:
        number: Counts from 1.
        total: Steps of the render.
        gradient: (B, C, H, W): the objective's gradient with respect to the images before the step.
    """

    number: int
    total: int
    gradient: Tensor

    @property
    def progress(self) -> float:
        """From 0 at the first step to 1 at the last."""
        return (self.number - 1) / max(self.total - 1, 1)


class Operator(Protocol):
    """Applied after every `every`-th step."""

    @property
    def every(self) -> int: ...

    def __call__(self, images: Tensor, step: Step, /) -> Tensor: ...


def check_every(every: int) -> None:
    """Raise `ValueError` unless it is a positive number of steps."""
    if not every >= 1:
        raise ValueError(f"every={every}: an operator is applied every 1, 2, 3, ... steps")


@dataclass(frozen=True)
class Clip:
    """Keep pixels in range ("changes that fall outside the normal range are clipped", section III).

    Args:
        low: Smallest value allowed.
        high: Largest value allowed.
        every: Steps between two applications.
    """

    low: float = 0.0
    high: float = 1.0
    every: int = 1

    def __post_init__(self) -> None:
        check_every(self.every)
        if not self.low < self.high:
            raise ValueError(f"low={self.low}, high={self.high}: the range to clip to is empty")

    def __call__(self, images: Tensor, step: Step) -> Tensor:
        return images.clamp(self.low, self.high)


@dataclass(frozen=True)
class MedianFilter:
    """Remove single outliers ("a 5x5 median filter is applied every four gradient steps", section III).

    The paper does not state the border; replicate is OpenCV's rule.

    Args:
        kernel_size: Side of the window in pixels, odd.
        border: "replicate" or "reflect".
        every: Steps between two applications.
    """

    kernel_size: int = 5
    border: str = "replicate"
    every: int = 4

    def __post_init__(self) -> None:
        check_every(self.every)
        check_window(self.kernel_size)
        check_choice(BORDERS, border=self.border)

    def __call__(self, images: Tensor, step: Step) -> Tensor:
        # On a GPU the host would wait for the check for NaN, and the ascent has its own.
        median = median_filter if images.device.type == "cpu" else median_of_finite
        return median(images, self.kernel_size, self.border)


@dataclass(frozen=True)
class GaussianBlur:
    """Blur the image (Yosinski et al. 2015, section 3: natural images have little energy at high frequencies).

    Args:
        sigma: Standard deviation of the Gaussian in pixels; a number or a `Schedule`.
        border: "replicate" or "reflect".
        every: Steps between two applications.
    """

    sigma: Setting = 0.5
    border: str = "replicate"
    every: int = 4

    def __post_init__(self) -> None:
        check_every(self.every)
        if not least(self.sigma) >= 0:
            raise ValueError(f"sigma={self.sigma}: a blur's width cannot be below 0")
        check_choice(BORDERS, border=self.border)

    def __call__(self, images: Tensor, step: Step) -> Tensor:
        return gaussian_blur(images, at(self.sigma, step.progress), self.border)


@dataclass(frozen=True)
class Decay:
    """Shrink the difference between image and grey (L2 decay: Simonyan et al. 2014; Yosinski et al. 2015, section 3).

    Args:
        rate: Share of the difference that is removed, 0 to 1; a number or a `Schedule`.
        grey: Value to decay to, in 0..1; in the sources, the mean of images.
        every: Steps between two applications.
    """

    rate: Setting = 1e-4
    grey: float = 0.5
    every: int = 1

    def __post_init__(self) -> None:
        check_every(self.every)
        if not (least(self.rate) >= 0 and most(self.rate) < 1):
            raise ValueError(f"rate={self.rate}: must be at least 0 and below 1")

    def __call__(self, images: Tensor, step: Step) -> Tensor:
        return self.grey + (images - self.grey) * (1 - at(self.rate, step.progress))


@dataclass(frozen=True)
class SmallNormClip:
    """Set the pixels nearest to grey to grey, so that only the main content of the image stays.

    Args:
        percentile: Share of the pixels in percent; a number or a `Schedule`.
        grey: Their new value, in 0..1.
        every: Steps between two applications.
    """

    percentile: Setting = 50.0
    grey: float = 0.5
    every: int = 1

    def __post_init__(self) -> None:
        check_every(self.every)
        if not (least(self.percentile) >= 0 and most(self.percentile) <= 100):
            raise ValueError(f"percentile={self.percentile}: must be from 0 to 100")

    def __call__(self, images: Tensor, step: Step) -> Tensor:
        # Percentiles interpolate linearly and the comparison is strict, as in the Toolbox (numpy's percentile).
        importance = self._importance(images, step)
        threshold = torch.quantile(importance.flatten(1), at(self.percentile, step.progress) / 100, dim=1)
        small = importance < threshold.view(-1, 1, 1)
        return torch.where(small[:, None], self.grey, images)

    def _importance(self, images: Tensor, step: Step) -> Tensor:
        return (images - self.grey).norm(dim=1)


@dataclass(frozen=True)
class SmallContributionClip(SmallNormClip):
    """Set the pixels to grey that, to first order, contribute least to the objective.

    The contribution of a pixel is |sum over channels of gradient times difference to grey|. Arguments: as above.
    """

    percentile: Setting = 90.0

    def _importance(self, images: Tensor, step: Step) -> Tensor:
        return (step.gradient * (images - self.grey)).sum(1).abs()
