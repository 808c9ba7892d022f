"""Small trainings to compare: each has two epochs of two steps and a validation after each."""

import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from tests.evolve.parts import SIZE, Module, pictures


class Plain(Module):
    """Without dropout: nothing draws from the random streams during an epoch."""

    def __init__(self):
        super().__init__()
        self.net[3] = nn.Identity()


def trainings(folder, kind=Module, package=pl, **settings):
    """A function that makes trainings, as `silent` needs it."""

    def make_trainer(callbacks):
        quiet: dict[str, object] = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
        quiet |= {"enable_model_summary": False, "accelerator": "cpu", "default_root_dir": folder, "max_epochs": 2}
        trainer = package.Trainer(callbacks=callbacks, **{**quiet, **settings})
        return trainer, kind(), DataLoader(pictures(0, 24), 12, shuffle=True), DataLoader(pictures(1, 12), 12)

    return make_trainer


def images():
    """A batch that needs no random stream."""
    return torch.linspace(0, 1, 4 * 3 * SIZE * SIZE).reshape(4, 3, SIZE, SIZE)


class AppearanceModel(pl.Callback):
    """In the manner of torchbearer's `ClassAppearanceModel`, in its last version: an image of one class each epoch.

    As there, the class is drawn from the global random stream, and `backward` adds to the gradients of the weights.
    """

    def __init__(self, epoch=0):
        self.epoch = epoch
        self.images = []

    def on_train_epoch_end(self, trainer, pl_module):
        if trainer.current_epoch != self.epoch:
            return
        pl_module.eval()
        target = torch.randint(high=3, size=(1, 1))
        image = torch.zeros(3, SIZE, SIZE, requires_grad=True)
        optimizer = torch.optim.Adam([image], lr=0.5)
        with torch.enable_grad():
            for _ in range(3):
                optimizer.zero_grad()
                logit = pl_module(image.sigmoid().unsqueeze(0))[0, target.item()]
                (0.01 * image.square().sum() - logit).backward()
                optimizer.step()
        pl_module.train()
        self.images.append(image.sigmoid().detach())


class InStep3(pl.Callback):
    """Makes a call at the end of the third training batch."""

    def __init__(self, call):
        self.call = call

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if trainer.fit_loop.epoch_loop.total_batch_idx == 2:
            self.call(pl_module)


def saliency(pl_module):
    """Gradients of the logits with respect to a batch."""
    batch = images().requires_grad_()
    with torch.enable_grad():
        (found,) = torch.autograd.grad(pl_module(batch).sum(), batch)
    return found
