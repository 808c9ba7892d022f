"""Transfer: whether the network of another epoch assigns a render to its class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from featevo.measure.subject import Predict


def transfer(networks: Iterable[Predict], renders: Sequence[Tensor]) -> Tensor:
    """Rate the renders of each epoch by the networks of all epochs.

    Args:
        networks: The network of each snapshot, in order; each is used before the next one is taken.
        renders: (K, C, H, W) in 0..1 for each snapshot, render k for class k.

    Returns:
        (T, T) in 0..1. Entry [i, j] is the probability that the network of snapshot j gives to the intended class of
        the renders of snapshot i, the mean over classes.
    """
    everything = torch.cat(list(renders))
    columns = []
    for predict in networks:
        parts = predict(everything).split([len(each) for each in renders])
        columns.append(torch.stack([part.diagonal().mean() for part in parts]))
    return torch.stack(columns, 1)
