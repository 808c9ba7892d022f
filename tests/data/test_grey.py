"""Images with one channel: files read as grey, through the folder source and by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from PIL import Image

from featevo.data.image_files import LabelledImages, read_image
from featevo.data.module import ImageDataModule
from featevo.errors import UserError
from tests.data.parts import composed


def test_grey_files_keep_every_value(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png", 16, channels=1)
    assert (image.dtype, image.shape) == (torch.uint8, (1, 16, 16))
    assert image.is_contiguous()
    assert np.array_equal(image[0].numpy(), grey)


def test_colour_becomes_luma_and_transparency_white(tmp_path: Path) -> None:
    for name, colour, luma in [("r", (255, 0, 0, 255), 76), ("g", (0, 255, 0, 255), 150), ("w", (0, 0, 0, 0), 255)]:
        Image.new("RGBA", (8, 8), colour).save(tmp_path / f"{name}.png")
        assert abs(int(read_image(tmp_path / f"{name}.png", 4, channels=1)[0, 0, 0]) - luma) <= 1


def test_deep_grey_is_scaled(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 32768, np.uint16)).save(tmp_path / "a.png")
    assert int(read_image(tmp_path / "a.png", 4, channels=1)[0, 0, 0]) == 128


def test_a_grey_folder_reaches_the_batches(tmp_path: Path) -> None:
    for name, value in [("dark", 20), ("light", 220)]:
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.new("RGB", (12, 10), (value, value, value)).save(tmp_path / name / f"{i}.png")
    cfg = composed("folder")
    cfg.data.update(root=str(tmp_path), image_size=8, val_size=0.5, channels=1)
    module = ImageDataModule(instantiate(cfg.data.source), batch_size=4, num_workers=0, seed=0, cache_gb=1)
    module.setup()
    assert module.num_channels == 1
    images, labels = next(iter(module.val_dataloader()))
    assert images.shape == (4, 1, 8, 8)
    assert {(int(image.min()), int(label)) for image, label in zip(images, labels, strict=True)} == {(20, 0), (220, 1)}


@pytest.mark.parametrize("channels", [0, 2, 4, "RGB"])
def test_other_counts_are_refused(channels: int) -> None:
    with pytest.raises(UserError, match=rf"^data\.channels={channels}: allowed are 3, .* and 1, images in grey$"):
        LabelledImages([], 8, channels)
