"""A small Lightning project like that of a user: a network with all state that drawing could disturb, and its data."""

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CLASSES = ("red", "green", "blue")
SIZE = 12


def pictures(seed: int, count: int) -> TensorDataset:
    """Noise in the colour of its class, hard enough that accuracy rises over some epochs."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(CLASSES)
    images = torch.rand((count, 3, SIZE, SIZE), generator=generator)
    images[torch.arange(count), labels] += 0.12
    return TensorDataset(images.clamp(0, 1), labels)


class Module(pl.LightningModule):
    """Batch norm, dropout, and a stream of losses to compare."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 6, 3),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=True),
            nn.Dropout(0.3),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(24, len(CLASSES)),
        )
        self.losses: list[float] = []

    def forward(self, images):
        return self.net(images)

    def training_step(self, batch, batch_idx):
        loss = F.cross_entropy(self(batch[0]), batch[1])
        self.losses.append(loss.item())
        return loss

    def validation_step(self, batch, batch_idx):
        logits = self(batch[0])
        self.log("val_loss", F.cross_entropy(logits, batch[1]))
        self.log("val_acc", (logits.argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)


def fit(folder, callbacks=(), module=None, resume=None, package=pl, **settings):
    """Train on two batches of 12 an epoch, shuffled by the global random stream; returns trainer and module."""
    pl.seed_everything(1, verbose=False)
    module = module or Module()
    trainer = package.Trainer(
        **{
            "max_epochs": 3,
            "accelerator": "cpu",
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "default_root_dir": folder,
            "callbacks": list(callbacks),
            **settings,
        }
    )
    train, val = DataLoader(pictures(0, 24), 12, shuffle=True), DataLoader(pictures(1, 12), 12)
    trainer.fit(module, train, val, ckpt_path=resume)
    return trainer, module
