"""The LightningModule: a network, cross entropy, accuracy, and one optimizer. It knows nothing of evolution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torchmetrics.classification import MulticlassAccuracy

from featevo.model.freeze import hold_statistics
from featevo.model.init_report import InitReport

MONITORED = ("val_acc", "val_loss")
"""Names of the logged metrics that can decide when to draw: those that a validation measures."""

Batch = tuple[Tensor, Tensor]


class Classifier(pl.LightningModule):
    """Trains a network to tell the classes of pictures apart.

    Logs by epoch: `train_loss`, `train_acc`, `val_loss`, `val_acc` (cross entropy in nats, accuracies in 0..1). Batch
    norm whose weights are frozen stays in eval mode.

    Args:
        net: From normalised pictures (B, C, H, W) to logits (B, num_classes).
        num_classes: Number of classes.
        optimizer: Makes the optimizer from the trainable parameters.
        mean: Per channel, subtracted from pictures in 0..1.
        std: Per channel, divides them after that.
        report: How the network starts, for whoever asks.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        net: nn.Module,
        num_classes: int,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        mean: Sequence[float],
        std: Sequence[float],
        report: InitReport | None = None,
    ) -> None:
        super().__init__()
        self.net = net
        self.report = report
        self.make_optimizer = optimizer
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1), persistent=False)
        self.train_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, K) for pictures (B, C, H, W) in 0..1; normalisation is part of the model, so renders share it."""
        normalised = (pictures - self.mean) / self.std
        # Pictures are float32 whatever the precision; weights in half precision (bf16-true) take only their own type.
        weight = next((tensor for tensor in self.net.parameters() if tensor.is_floating_point()), normalised)
        return self.net(normalised.to(weight.dtype))

    def train(self, mode: bool = True) -> Classifier:
        """Switch modes, except for frozen batch norm, whose statistics would go on moving."""
        super().train(mode)
        hold_statistics(self.net)
        return self

    def on_train_start(self) -> None:
        """Lightning takes modes as they are, and warns of eval mode until now: so frozen batch norm goes there here."""
        hold_statistics(self.net)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Cross entropy of one batch."""
        pictures, labels = batch
        logits = self(pictures)
        loss = F.cross_entropy(logits, labels)
        self.train_acc(logits, labels)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(labels), sync_dist=True)
        self.log("train_acc", self.train_acc, on_step=False, on_epoch=True, batch_size=len(labels))
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Accumulate loss and accuracy."""
        pictures, labels = batch
        logits = self(pictures)
        self.val_acc(logits, labels)
        loss = F.cross_entropy(logits, labels)
        self.log("val_loss", loss, on_epoch=True, prog_bar=True, batch_size=len(labels), sync_dist=True)
        self.log("val_acc", self.val_acc, on_epoch=True, prog_bar=True, batch_size=len(labels))

    def configure_optimizers(self) -> Optimizer:
        """The one optimizer, over what is not frozen."""
        return self.make_optimizer(parameter for parameter in self.parameters() if parameter.requires_grad)
