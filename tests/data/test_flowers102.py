"""Oxford 102 Flowers in its real on-disk format: MATLAB files and JPEGs; and where it is not there."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf
from PIL import Image
from scipy.io import savemat
from torchvision.datasets import Flowers102

from featevo.app.paths import CONF
from featevo.data import flowers102
from featevo.data.flowers102 import Flowers102Source
from featevo.errors import UserError

CLASSES = 102
# Picture 1 shows flower 102 and so on down, three times; thirds of them train, validate and test.
LABELS = [CLASSES - i % CLASSES for i in range(3 * CLASSES)]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data set with three small pictures a class; its checksums are switched off."""
    folder = tmp_path / "flowers-102"
    (folder / "jpg").mkdir(parents=True)
    for number, label in enumerate(LABELS, 1):
        Image.fromarray(np.full((9, 11, 3), 2 * label, np.uint8)).save(folder / "jpg" / f"image_{number:05}.jpg")
    savemat(folder / "imagelabels.mat", {"labels": np.array([LABELS], np.uint8)})
    parts = np.arange(1, 3 * CLASSES + 1, dtype=np.uint16).reshape(3, 1, CLASSES)
    savemat(folder / "setid.mat", dict(zip(("trnid", "valid", "tstid"), parts, strict=True)))
    monkeypatch.setattr(
        Flowers102, "_file_dict", {key: (name, None) for key, (name, _) in Flowers102._file_dict.items()}
    )
    return tmp_path


def source(root: Path, **options: Any) -> Flowers102Source:
    return Flowers102Source(**{"root": str(root), "num_classes": None, "classes": None, "image_size": 8, **options})


def test_the_shipped_configuration_reads_it(root: Path) -> None:
    cfg = OmegaConf.create({"data": OmegaConf.load(CONF / "data" / "flowers102.yaml")})
    cfg.data.root = str(root)
    splits = instantiate(cfg.data.source).splits()
    assert (len(splits.classes), splits.classes[0], splits.classes[101]) == (102, "pink primrose", "blackberry lily")
    assert (len(splits.train), len(splits.val)) == (204, 102)
    for pictures, index in ((splits.train, 0), (splits.train, 150), (splits.val, 40)):
        image, label = pictures[index]
        assert label == CLASSES - 1 - index % CLASSES
        assert image.shape == (3, 128, 128)
        assert abs(int(image[0, 0, 0]) - 2 * (label + 1)) <= 2


def test_classes_by_name_and_number(root: Path) -> None:
    splits = source(root, classes=["Sunflower", "colts foot"], channels=1).splits()
    assert splits.classes == ["sunflower", "colt's foot"]
    assert (len(splits.train), len(splits.val)) == (4, 2)
    flower = Flowers102.classes.index("sunflower") + 1
    (image,) = (image for image, label in (splits.val[i] for i in range(2)) if label == 0)
    assert image.shape == (1, 8, 8)
    assert abs(int(image[0, 0, 0]) - 2 * flower) <= 2
    assert source(root, num_classes=2).splits().classes == ["pink primrose", "hard-leaved pocket orchid"]


def test_class_mistakes_are_one_line_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"^data\.classes: no class 'sunflour' in Flowers102, did you mean 'sunflower'\?"
    ):
        source(tmp_path / "gone", classes=["rose", "sunflour"]).splits()
    with pytest.raises(UserError, match=r"^data\.num_classes=103: Flowers102 allows 2 to 102, its classes$"):
        source(tmp_path / "gone", num_classes=103).splits()


def test_without_network_one_line_says_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(UserError) as caught:
        source(tmp_path).splits()
    assert str(caught.value).startswith(f"data.root={tmp_path / 'flowers-102'}: Flowers102 is not there and cannot be")
    for name, _ in Flowers102._file_dict.values():
        assert f"{Flowers102._download_url_prefix}{name}" in str(caught.value)
    assert Flowers102._download_url_prefix == flowers102.URL + "/"


def test_an_old_torchvision_is_told_apart(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Flowers102, "classes")
    with pytest.raises(UserError, match=r"^data=flowers102 needs torchvision 0\.22 or newer"):
        source(root).splits()
