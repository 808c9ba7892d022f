"""Imagenette in its own folder layout, and where it is not there."""

from __future__ import annotations

import tarfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf
from PIL import Image
from torchvision.datasets import Imagenette

from featevo.app.paths import CONF
from featevo.data import imagenette
from featevo.data.imagenette import ImagenetteSource
from featevo.errors import UserError

NAMES = {key: names[0] for key, names in Imagenette._WNID_TO_CLASS.items()}


def make(root: Path) -> Path:
    for part, count in (("train", 3), ("val", 2)):
        for place, key in enumerate(NAMES):
            folder = root / "imagenette2-160" / part / key
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = np.full((20, 24, 3), 20 * place, np.uint8)
                Image.fromarray(pixels).save(folder / f"{part}_{i}.JPEG", format="JPEG")
    return root


def source(root: Path, **options: Any) -> ImagenetteSource:
    return ImagenetteSource(**{"root": str(root), "num_classes": None, "classes": None, "image_size": 16, **options})


def test_the_shipped_configuration_reads_it_with_its_own_split(tmp_path: Path) -> None:
    cfg = OmegaConf.create({"data": OmegaConf.load(CONF / "data" / "imagenette.yaml")})
    cfg.data.root = str(make(tmp_path))
    splits = instantiate(cfg.data.source).splits()
    assert list(splits.classes) == list(NAMES.values())
    assert (len(splits.train), len(splits.val)) == (30, 20)
    for pictures, count in ((splits.train, 3), (splits.val, 2)):
        image, label = pictures[count * 7]
        assert (label, image.shape) == (7, (3, 128, 128))
        assert abs(int(image[0, 0, 0]) - 140) <= 2


def test_classes_by_name_id_and_number(tmp_path: Path) -> None:
    make(tmp_path)
    splits = source(tmp_path, classes=["golf ball", "n01440764"]).splits()
    assert splits.classes == ["golf ball", "tench"]
    assert [label for _, label in (splits.train[i] for i in range(6))] == [0, 0, 0, 1, 1, 1]
    assert abs(int(splits.train[0][0][0, 0, 0]) - 160) <= 2
    assert source(tmp_path, num_classes=3).splits().classes == ["tench", "English springer", "cassette player"]
    assert source(tmp_path, channels=1).splits().val[0][0].shape == (1, 16, 16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"classes": ["tench", "gold ball"]},
            "no class 'gold ball' in Imagenette, did you mean 'golf ball' (n03445777)",
        ),
        ({"classes": ["tench", "flamingo"]}, "no class 'flamingo' in Imagenette; it has tench, English springer, "),
        ({"num_classes": 11}, "data.num_classes=11: Imagenette allows 2 to 10, its classes"),
        ({"size": "64px"}, "data.source.size=64px: allowed are 160px, 320px, full"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        source(make(tmp_path), **options).splits()
    assert message in str(caught.value)


def test_without_network_one_line_says_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(UserError) as caught:
        source(tmp_path / "new").splits()
    assert str(caught.value) == (
        f"data.root={tmp_path / 'new'}: Imagenette is not there and cannot be downloaded (no network); fetch "
        "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz by hand, put it there as it is, and start again"
    )


def test_an_archive_put_there_by_hand_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "imagenette2-160.tgz", "w:gz") as archive:
        archive.add(make(tmp_path / "elsewhere") / "imagenette2-160", "imagenette2-160")
    url, _ = Imagenette._ARCHIVES["160px"]
    monkeypatch.setitem(Imagenette._ARCHIVES, "160px", (url, None))  # torchvision knows the real archive's checksum
    assert len(source(tmp_path).splits().train) == 30


def test_torchvision_downloads_what_the_message_says() -> None:
    assert {size: url for size, (url, _) in Imagenette._ARCHIVES.items()} == {
        size: f"{imagenette.URL}/{folder}.tgz" for size, folder in imagenette._FOLDERS.items()
    }
