"""Fixed validation images: the input of views that follow the same images over the training."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.views.view import Context, Network


@dataclass(frozen=True)
class Pictures:
    """Validation images in the order of their classes, the same ones at every snapshot.

    Attributes:
        images: (N, C, H, W) in 0..1.
        labels: The class of each.
        names: Class and number within the class, from 0: "frog 0". The record's real images have the same numbers.
    """

    images: Tensor
    labels: tuple[int, ...]
    names: tuple[str, ...]


def fixed_pictures(network: Network, context: Context, each: int, view: str) -> Pictures:
    """At most `each` validation images of every class.

    Args:
        network: That sees them.
        context: Returns them.
        each: Images of a class; a rare class may have fewer.
        view: Name of the view, for messages.

    Raises:
        ValueError: When there are no validation images, or they do not fit the network.
    """
    if context.real is None:
        raise ValueError(f"{view} needs validation images: give the snapshotter or callback `real`")
    images, labels = context.real(each)
    shape = network.shape
    if not len(images) or tuple(images.shape[1:]) != shape:
        raise ValueError(
            f"{view}: the validation images are {tuple(images.shape)}, not (N, {', '.join(map(str, shape))})"
        )
    places, names = [], []
    for unit, name in enumerate(network.classes):
        of_class = (labels == unit).nonzero().flatten().tolist()[:each]
        places += of_class
        names += [f"{name} {number}" for number in range(len(of_class))]
    order = torch.tensor(places, dtype=torch.long)
    return Pictures(images[order].cpu(), tuple(labels[order].tolist()), tuple(names))
