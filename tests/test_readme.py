"""What the README shows works as it stands there."""

import re
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from featevo import visualize
from featevo.paths import CONF

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
LIBRARY = (Path(__file__).parent.parent / "docs/visualize.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:.*tensorboardX"),
]


class Module(pl.LightningModule):
    """A user's own project, in few lines."""

    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(32, 3),
        )

    def forward(self, pictures):
        return self.net(pictures)

    def training_step(self, batch, batch_idx):
        pictures, labels = batch
        return F.cross_entropy(self(pictures), labels)

    def validation_step(self, batch, batch_idx):
        pictures, labels = batch
        self.log("val_acc", (self(pictures).argmax(1) == labels).float().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)

    def train_dataloader(self):
        labels = torch.arange(24) % 3
        return DataLoader(TensorDataset(torch.rand(24, 3, 32, 32) + F.one_hot(labels, 3)[:, :, None, None], labels), 8)

    val_dataloader = train_dataloader


def test_the_callback_in_ones_own_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [line for line in BLOCKS[0].splitlines() if line.strip()]
    assert len(lines) <= 12
    exec(BLOCKS[0], {"module": Module(), "data": None})
    (figure,) = tmp_path.rglob("evolution.png")
    assert list(figure.parent.glob("evolution/epoch=001/*.png"))


def test_drawing_without_lightning():
    names: dict[str, Any] = {"model": Module()}
    exec(BLOCKS[1], names)
    assert names["renders"][0].image.shape == (3, 32, 32)


def test_the_librarys_page():
    names: dict[str, Any] = {"model": Module()}
    (block,) = re.findall(r"```python\n(.*?)```", LIBRARY, re.DOTALL)
    exec(block, names)
    assert names["channel"].image.shape == (3, 32, 32)
    for name in re.findall(r"`([A-Z]\w*[a-z]\w*|L[12])[`(.]", LIBRARY):
        assert hasattr(visualize, name), name


def test_the_configuration_tree_is_the_real_one():
    tree = README.split("## Configuration")[1].split("```")[1]
    shown, group = {}, ""
    for line in tree.splitlines():
        if match := re.match(r"  (\w+)/\s+(.*)", line):
            group, rest = match.groups()
            shown[group] = rest
        elif group and line.strip():
            shown[group] += "\n" + line.strip()
    real = {
        folder.name: sorted(file.stem for file in folder.glob("*.yaml")) for folder in CONF.iterdir() if folder.is_dir()
    }
    assert set(shown) == set(real)
    for group, names in real.items():
        for name in names:
            assert re.search(rf"(^|[\n, ]){name}\b", shown[group]), f"{group}/{name}"


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((docs/[^)]+)\)|(docs/[\w./-]+\.\w+)", README))))
def test_what_it_shows_is_there(path):
    assert (CONF.parent / (path[0] or path[1])).is_file()
