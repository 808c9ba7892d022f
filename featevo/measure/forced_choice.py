"""Forced choice between two alternatives by a viewer, which compares images by perceptual distance.

The distance is that of Zhang et al. 2018 (arXiv 1801.03924) without their learned weights. Chance is 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def forced_choice(images: Tensor, classes: Sequence[int], real: Tensor, labels: Tensor, same: bool = False) -> Tensor:
    """The share of pairs (real image of the class, real image of another class) in which the former is nearer.

    A single image may be nearer to some class whatever it shows; see `matching`, in which that cancels.

    Args:
        images: Features (B, D) of images, by a viewer.
        classes: Of each image.
        real: Features (N, D) of real images, by the same viewer.
        labels: Their classes (N,).
        same: Whether `images` are `real`: no image is then compared with itself.

    Returns:
        (B,), each in 0..1.
    """
    distance = torch.cdist(images, real)
    if same:
        distance.fill_diagonal_(torch.inf)
    shares = []
    for row, own in zip(distance, classes, strict=True):
        of_class, of_others = row[(labels == own) & row.isfinite()], row[labels != own]
        shares.append((of_class[:, None] < of_others[None]).float().mean())
    return torch.stack(shares)


def matching(images: Tensor, real: Tensor, labels: Tensor) -> Tensor:
    """For each two classes: how often their two images are matched with two real images as their classes say.

    Images x_i, x_j and real a, b of the classes i and j are matched rightly where
    d(x_i, a)^2 + d(x_j, b)^2 < d(x_i, b)^2 + d(x_j, a)^2, which is (x_i - x_j) . (a - b) > 0; equality counts half.
    What makes an image near to all images, or to all of one class whatever it shows, is on both sides. So images that
    do not differ, and images that do not depend on the class, are at 0.5 in the mean.

    Args:
        images: Features (K, D), image k for class k.
        real: Features (N, D) of real images.
        labels: Their classes (N,).

    Returns:
        (K, K), symmetric, each in 0..1; the diagonal is 1; NaN for a class without real images.
    """
    alike = (images @ real.T).double()
    shares = torch.eye(len(images), dtype=torch.float64)
    places = [(labels == label).nonzero().flatten() for label in range(len(images))]
    for i, j in torch.combinations(torch.arange(len(images))).tolist():
        side = alike[i] - alike[j]
        own, other = side[places[i]][:, None], side[places[j]][None]
        shares[i, j] = shares[j, i] = ((own > other).double() + 0.5 * (own == other).double()).mean()
    return shares
