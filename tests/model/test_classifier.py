"""The LightningModule: what it computes and logs against numpy, normalisation inside, frozen weights outside."""

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from featevo.model.augmentation import Augmentation
from featevo.model.classifier import Classifier

MEAN, STD = (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)


@pytest.fixture
def classifier():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 3))
    return Classifier(net, 3, lambda parameters: torch.optim.SGD(parameters, lr=0.0), MEAN, STD)


def test_normalisation_is_part_of_forward(classifier):
    images = torch.rand(2, 3, 4, 4)
    by_hand = (images.numpy() - np.array(MEAN)[:, None, None]) / np.array(STD)[:, None, None]
    expected = by_hand.reshape(2, -1) @ classifier.net[1].weight.detach().numpy().T
    expected = expected + classifier.net[1].bias.detach().numpy()
    assert np.allclose(classifier(images).detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_weights_in_half_precision_accept_float32_images(classifier, dtype):
    images = torch.rand(2, 3, 4, 4)
    expected = classifier(images)
    logits = classifier.to(dtype)(images)
    assert logits.dtype == dtype
    assert torch.allclose(logits.float(), expected, atol=0.1)


def fitted(classifier, loader, folder, **settings):
    """The trainer, after an epoch with the same images for training and validation."""
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
        **settings,
    )
    trainer.fit(classifier, loader, loader)
    return trainer


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
def test_logs_loss_and_accuracy_of_uneven_batches_as_numpy_has_them(classifier, tmp_path):
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.rand(10, 3, 4, 4, generator=generator), torch.arange(10) % 3
    loader = DataLoader(TensorDataset(images, labels), batch_size=4)
    trainer = fitted(classifier, loader, tmp_path)
    logits = classifier(images).detach().double().numpy()
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    loss = -log_p[np.arange(10), labels.numpy()].mean()
    accuracy = (logits.argmax(1) == labels.numpy()).mean()
    for name, expected in {"loss": loss, "acc": accuracy}.items():
        assert float(trainer.callback_metrics[f"val_{name}"]) == pytest.approx(expected, rel=1e-5)
        assert float(trainer.callback_metrics[f"train_{name}"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
def test_training_images_are_augmented_before_they_are_perturbed_and_validation_images_are_not(classifier, tmp_path):
    seen: dict[object, list[torch.Tensor]] = {"perturbed": [], True: [], False: []}

    def perturb(net, images, labels, epochs):
        seen["perturbed"].append(images)
        return images + 1

    classifier.augmentation = Augmentation({"mirror": lambda image: image.flip(-1)})
    classifier.perturbation = perturb
    classifier.net.register_forward_pre_hook(lambda net, inputs: seen[net.training].append(inputs[0]))
    images, labels = torch.rand(4, 3, 4, 4), torch.arange(4) % 3
    loader = DataLoader(TensorDataset(images, labels), batch_size=4)
    fitted(classifier, loader, tmp_path, num_sanity_val_steps=0)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    assert torch.equal(seen["perturbed"][0], images.flip(-1))
    assert torch.equal(seen[True][0], (images.flip(-1) + 1 - mean) / std)
    assert torch.equal(seen[False][0], (images - mean) / std)


def test_frozen_weights_are_not_the_optimizers(classifier):
    classifier.net[1].bias.requires_grad_(False)
    (group,) = classifier.configure_optimizers().param_groups
    assert [parameter.shape for parameter in group["params"]] == [(3, 48)]


def test_frozen_batch_norm_stays_in_eval_mode_after_any_switch():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
    net[1].requires_grad_(False)
    module = Classifier(net, 4, lambda parameters: torch.optim.SGD(parameters, lr=0.0), MEAN, STD)
    module.on_train_start()
    assert [layer.training for layer in net] == [True, False, True, True]
    module.eval()
    assert module.train() is module
    assert [layer.training for layer in net] == [True, False, True, True]
