"""Operators that turn the least important pixels grey: Yosinski et al. 2015, section 3, Deep Visualization Toolbox.

What is below a percentile of its own picture becomes grey, so that a picture shows little beside what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.visualize.operators import Step, check_every
from featevo.visualize.schedule import Setting, at, least, most


@dataclass(frozen=True)
class SmallNormClip:
    """Pixels whose difference to grey is small become grey.

    Args:
        percentile: Share of the pixels in percent; a number or a `Schedule`.
        grey: What they become, in 0..1.
        every: Steps between two applications.
    """

    percentile: Setting = 50.0
    grey: float = 0.5
    every: int = 1

    def __post_init__(self) -> None:
        check_every(self.every)
        _check_percentile(self.percentile)

    def __call__(self, pictures: Tensor, step: Step) -> Tensor:
        size = (pictures - self.grey).norm(dim=1)
        return _greyed(pictures, size, at(self.percentile, step.progress), self.grey)


@dataclass(frozen=True)
class SmallContributionClip:
    """Pixels whose turning grey would change the objective little, to first order, become grey.

    The contribution of a pixel is |sum over channels of gradient times difference to grey|.

    Args:
        percentile: Share of the pixels in percent; a number or a `Schedule`.
        grey: What they become, in 0..1.
        every: Steps between two applications.
    """

    percentile: Setting = 90.0
    grey: float = 0.5
    every: int = 1

    def __post_init__(self) -> None:
        check_every(self.every)
        _check_percentile(self.percentile)

    def __call__(self, pictures: Tensor, step: Step) -> Tensor:
        contribution = (step.gradient * (pictures - self.grey)).sum(1).abs()
        return _greyed(pictures, contribution, at(self.percentile, step.progress), self.grey)


def _check_percentile(percentile: Setting) -> None:
    if not (least(percentile) >= 0 and most(percentile) <= 100):
        raise ValueError(f"percentile={percentile}: must be from 0 to 100")


def _greyed(pictures: Tensor, importance: Tensor, percentile: float, grey: float) -> Tensor:
    # Percentiles interpolate linearly and the comparison is strict, as in the Toolbox (numpy's percentile).
    threshold = torch.quantile(importance.flatten(1), percentile / 100, dim=1)
    small = importance < threshold.view(-1, 1, 1)
    return torch.where(small[:, None], pictures.new_tensor(grey), pictures)
