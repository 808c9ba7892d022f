"""Training and rendering of other networks than VGG: a ResNet with batch norm, a transformer with its own head."""

import json

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, TensorDataset
from torchvision.models.vision_transformer import VisionTransformer

from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.model.classifier import Classifier
from featevo.model.init import initialise

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
]

CLASSES = ("red", "green", "blue")
NETS = {
    "resnet18": lambda: torchvision.models.resnet18(num_classes=3),
    "vit": lambda: VisionTransformer(32, 16, 2, 2, 16, 32, num_classes=3),
}


def dataset(seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(12) % 3
    images = torch.rand((12, 3, 32, 32), generator=generator)
    images[torch.arange(12), labels] += 0.5
    return TensorDataset(images, labels)


def trained(make, folder, callbacks, freeze=None):
    pl.seed_everything(1, verbose=False)
    net = make()
    report = initialise(net, "random", freeze=freeze)
    module = Classifier(net, 3, lambda p: torch.optim.Adam(p, lr=1e-3), [0.5] * 3, [0.25] * 3, report)
    trainer = pl.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
        callbacks=callbacks,
    )
    trainer.fit(module, DataLoader(dataset(0), 6, shuffle=True), DataLoader(dataset(1), 6))
    return trainer, module


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_every_class_is_drawn_and_training_is_untouched(tmp_path, make):
    callback = FeatureEvolutionCallback(
        CLASSES, 32, trigger="every_epoch", before_training=True, steps=3, folder=tmp_path, on_error="raise"
    )
    trainer, module = trained(make, tmp_path, [callback])
    for epoch in (0, 1, 2):
        files = sorted((tmp_path / "evolution" / f"epoch={epoch:03d}").glob("*.png"))
        assert len(files) == len(CLASSES)
        for file in files:
            with Image.open(file) as image:
                assert np.asarray(image).std() > 0
    lines = (tmp_path / "evolution" / "index.jsonl").read_text().splitlines()
    logits = [render["logit"] for line in lines for render in json.loads(line)["renders"]]
    assert len(logits) == 3 * len(CLASSES)
    assert np.isfinite(logits).all()
    without_trainer, without = trained(make, tmp_path, [])
    ours, theirs = module.state_dict(), without.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert trainer.callback_metrics["val_loss"] == without_trainer.callback_metrics["val_loss"]


def test_frozen_layers_keep_weights_and_statistics_through_training(tmp_path):
    pl.seed_everything(1, verbose=False)
    start = NETS["resnet18"]().state_dict()
    _, module = trained(NETS["resnet18"], tmp_path, [], freeze=["conv1", "bn1", "layer1"])
    moved = {name for name, tensor in module.net.state_dict().items() if not torch.equal(tensor, start[name])}
    assert not [name for name in moved if name.startswith(("conv1", "bn1", "layer1"))]
    assert {"layer2.0.bn1.running_mean", "layer2.0.conv1.weight", "fc.weight"} <= moved
