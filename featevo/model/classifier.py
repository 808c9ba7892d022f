"""The LightningModule: a network, cross entropy, accuracy, and one optimizer; without any drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torchmetrics.classification import MulticlassAccuracy

from featevo.model.augmentation import Augmentation
from featevo.model.freeze import hold_statistics
from featevo.model.init_report import InitReport
from featevo.model.robustness import Perturbation

MONITORED = ("val_acc", "val_loss")
"""Names of the logged metrics that can trigger a snapshot: those of a validation."""

Batch = tuple[Tensor, Tensor]


class Classifier(pl.LightningModule):
    """Trains a network to classify images.

    Logs by epoch: `train_loss`, `train_acc`, `val_loss`, `val_acc` (cross entropy in nats, accuracies in 0..1). With an
    augmentation or a perturbation, training has the changed images, validation the images as they are. Batch norm with
    frozen weights stays in eval mode.

    Args:
        net: From normalised images (B, C, H, W) to logits (B, num_classes).
        num_classes: Number of classes.
        optimizer: Makes the optimizer from the trainable parameters.
        mean: Per channel, subtracted from images in 0..1.
        std: Per channel, divides them after that.
        report: The initial weights, for the log and the record.
        perturbation: Changes the images of each training step; None: training has the images as they are.
        augmentation: Changes them before the perturbation; None: it has the images as they are.
        scheduler: Makes what changes the optimizer's learning rate after each epoch; None, or from it None: it stays.
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
        perturbation: Perturbation | None = None,
        augmentation: Augmentation | None = None,
        scheduler: Callable[[Optimizer], LRScheduler | None] | None = None,
    ) -> None:
        super().__init__()
        self.net = net.to(memory_format=torch.channels_last)
        self.augmentation = augmentation
        self.perturbation = perturbation
        self.report = report
        self.make_optimizer, self.make_scheduler = optimizer, scheduler
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1), persistent=False)
        self.train_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, K) for images (B, C, H, W) in 0..1; normalisation is part of the model, so renders share it."""
        # Channels last, as the weights are: convolutions are faster so, on CPUs and GPUs.
        normalised = ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        # Images are always float32; weights in half precision (bf16-true) need their own type.
        weight = next((tensor for tensor in self.net.parameters() if tensor.is_floating_point()), normalised)
        return self.net(normalised.to(weight.dtype))

    def train(self, mode: bool = True) -> Classifier:
        """Switch modes, except for frozen batch norm, whose statistics would change."""
        super().train(mode)
        hold_statistics(self.net)
        return self

    def on_train_start(self) -> None:
        """Put frozen batch norm in eval mode here: Lightning keeps modes, but warns of eval mode before this hook."""
        hold_statistics(self.net)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Cross entropy of one batch, of its augmented and perturbed images if there is either."""
        images, labels = batch
        if self.augmentation is not None:
            images = self.augmentation(images)
        if self.perturbation is not None:
            epochs = self.current_epoch + (batch_idx + 1) / self.trainer.num_training_batches
            images = self.perturbation(self, images, labels, epochs)
        return self._step((images, labels), "train", self.train_acc)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Accumulate loss and accuracy."""
        self._step(batch, "val", self.val_acc)

    def _step(self, batch: Batch, stage: str, accuracy: MulticlassAccuracy) -> Tensor:
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        accuracy(logits, labels)
        log = partial(self.log, on_step=False, on_epoch=True, prog_bar=stage == "val", batch_size=len(labels))
        log(f"{stage}_loss", loss, sync_dist=True)
        log(f"{stage}_acc", accuracy)
        return loss

    def configure_optimizers(self) -> Any:
        """The optimizer of all weights that are not frozen, and the scheduler of its learning rate if there is one."""
        optimizer = self.make_optimizer(parameter for parameter in self.parameters() if parameter.requires_grad)
        scheduler = None if self.make_scheduler is None else self.make_scheduler(optimizer)
        return optimizer if scheduler is None else {"optimizer": optimizer, "lr_scheduler": scheduler}
