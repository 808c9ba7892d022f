"""A judge that has learnt a run's classes: frozen features, and a linear layer fitted once to real pictures."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.measure.judge import CHUNK, Judge

DECAY = 0.01
"""Of the squared weights of the linear layer, beside a mean cross entropy; fixed before any run was judged."""

ITERATIONS = 200

SILENT = 1e-3
"""Channels that deviate less than this share of the median channel's deviation are not looked at: near-dead on real
pictures, they would rule all distances where a render wakes them."""


class Probe:
    """Multinomial logistic regression on a judge's features (Alain and Bengio 2016, linear classifier probes).

    Features are means over positions, each channel standardised over the training pictures; the fit is float64 and
    deterministic.

    Args:
        judge: Frozen features; pictures of one channel are shown to it as grey.
        pictures: Training pictures (N, C, H, W) in 0..1.
        labels: Their classes (N,).
        classes: Their names, K of them.

    Attributes:
        judge: As given.
        classes: As given.
        accuracy: Share of held-out pictures that it takes for what they are, once `test` was called.
    """

    def __init__(self, judge: Judge, pictures: Tensor, labels: Tensor, classes: Sequence[str]) -> None:
        self.judge = judge
        self.classes = tuple(classes)
        self.accuracy: float | None = None
        pooled = self._pooled(pictures)
        spread = pooled.std(0)
        self._mean, self._std = pooled.mean(0), spread
        self._used = spread > SILENT * spread.median()
        self._weight, self._bias = _fit(self.embed(pictures, pooled), labels, len(classes))

    def test(self, pictures: Tensor, labels: Tensor) -> float:
        """Measure and keep the accuracy on pictures that it was not fitted to."""
        self.accuracy = float((self(pictures).argmax(1) == labels).double().mean())
        return self.accuracy

    @property
    def refusal(self) -> str | None:
        """Why it may not judge: it knows the classes less than half-way from chance to perfect; None if it may."""
        chance = 1 / len(self.classes)
        least = (1 + chance) / 2
        if self.accuracy is not None and self.accuracy >= least:
            return None
        known = 100 * (self.accuracy or 0)
        return f"it recognises {known:.0f} % of real validation pictures, {100 * least:.0f} % are needed"

    def embed(self, pictures: Tensor, pooled: Tensor | None = None) -> Tensor:
        """Standardised features (B, D), float64; distances between pictures are Euclidean here."""
        pooled = self._pooled(pictures) if pooled is None else pooled
        return torch.where(self._used, (pooled - self._mean) / self._std, 0.0)

    def __call__(self, pictures: Tensor) -> Tensor:
        """Probabilities of the classes (B, K) for pictures (B, C, H, W) in 0..1."""
        return (self.embed(pictures) @ self._weight + self._bias).softmax(1)

    def _pooled(self, pictures: Tensor) -> Tensor:
        parts = [self.judge.features(coloured(part)).mean((2, 3)) for part in pictures.split(CHUNK)]
        return torch.cat(parts).double().cpu()


def coloured(pictures: Tensor) -> Tensor:
    """Grey pictures (B, 1, H, W) with three equal channels, others as they are."""
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures


def _fit(features: Tensor, labels: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(features.shape[1], num_classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(num_classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(features @ weight + bias, labels) + DECAY / 2 * weight.square().sum()
        value.backward()
        return value

    with torch.inference_mode(False), torch.enable_grad():
        optimizer.step(loss)
    return weight.detach(), bias.detach()
