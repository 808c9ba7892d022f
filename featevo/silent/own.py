"""A small training with dropout and batch norm, for the certificate of featevo's own callback."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.silent.certificate import Certificate
from featevo.silent.twins import silent

CLASSES = ("red", "green", "blue")
SIZE = 16


class Small(pl.LightningModule):
    """Everything that drawing could disturb."""

    def __init__(self) -> None:
        super().__init__()
        convolution = [nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Dropout(0.3)]
        self.features = nn.Sequential(*convolution, nn.AdaptiveAvgPool2d(2))
        self.classifier = nn.Linear(32, len(CLASSES))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(images).flatten(1))
        return logits

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        self.log("val_acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.01)


def make_trainer(callbacks: list[Any]) -> tuple[Any, ...]:
    """Three epochs of eight batches, shuffled by the global random stream."""
    labels = torch.arange(64) % len(CLASSES)
    images = torch.rand(64, 3, SIZE, SIZE) + 0.2 * F.one_hot(labels, 3)[:, :, None, None]
    train, val = (TensorDataset(images[part], labels[part]) for part in (slice(0, 48), slice(48, 64)))
    trainer = pl.Trainer(
        max_epochs=3,
        accelerator="cpu",
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    return trainer, Small(), DataLoader(train, 6, shuffle=True), DataLoader(val, 16)


def certify_own(seed: int = 0) -> Certificate:
    """The certificate of `FeatureEvolutionCallback`: two views, before training and at every epoch."""
    with TemporaryDirectory() as folder:
        make = partial(
            FeatureEvolutionCallback,
            CLASSES,
            SIZE,
            views=["classes", "channels"],
            trigger="every_epoch",
            before_training=True,
            steps=8,
            folder=Path(folder),
        )
        return silent(make_trainer, make, seed=seed)
