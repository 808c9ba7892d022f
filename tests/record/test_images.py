"""PNG files of the record: rounding, channels, reading back."""

import math
import os
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from featevo.errors import UserError
from featevo.record.images import load_image, load_real, open_image, recordable, save_image, to_uint8
from tests.conftest import real_colour


def test_rounding_is_to_the_nearest_and_grey_stays_grey():
    values = torch.tensor([-0.2, 0.0, 0.498, 0.5, 0.999, 1.0, 1.7]).view(1, 1, 7)
    assert to_uint8(values).tolist() == [[0, 0, 127, 128, 255, 255, 255]]
    assert to_uint8(values.expand(3, 1, 7)).shape == (1, 7, 3)


def test_other_numbers_of_channels_are_a_square_of_planes(tmp_path):
    image = torch.rand(5, 6, 6)
    pixels = to_uint8(image)
    assert pixels.shape == (18, 18)
    planes = [pixels[6 * row : 6 * row + 6, 6 * column : 6 * column + 6] for row in range(3) for column in range(3)]
    assert np.array_equal(np.stack(planes[:5]), (image * 255).round().numpy())
    assert not np.stack(planes[5:]).any()
    save_image(image, tmp_path / "planes.png", {})
    with Image.open(tmp_path / "planes.png") as picture:
        assert picture.size == (18, 18)


@pytest.mark.parametrize("channels", [1, 3])
def test_reading_an_image_gives_the_written_pixels(tmp_path, channels):
    image = torch.randint(0, 256, (channels, 5, 7)) / 255
    save_image(image, tmp_path / "a.png", {"seed": 1})
    assert torch.equal(load_image(tmp_path, "a.png"), image)


def test_an_invalid_image_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"a\.png is not a readable PNG$"):
        load_image(tmp_path, "a.png")


def test_an_image_outside_the_folder_is_refused_and_not_shown(tmp_path, caplog):
    (tmp_path / "run").mkdir()
    save_image(torch.zeros(3, 4, 4), tmp_path / "secret.png", {})
    (tmp_path / "run" / "link.png").symlink_to(tmp_path / "secret.png")
    for file in ("../secret.png", "link.png", str(tmp_path / "secret.png")):
        with pytest.raises(UserError, match="is not inside"):
            load_image(tmp_path / "run", file)
        assert open_image(tmp_path / "run", file) is None
    assert caplog.text.count("is not inside") == 3


def test_missing_or_broken_images_are_not_shown(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert open_image(tmp_path, "a.png") is None
    assert open_image(tmp_path, "b.png") is None


def header(width, height):
    """A PNG that is only a header, as of an image of any size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.mark.parametrize("side", [12_000, 30_000, 2**31 - 1])
def test_an_image_with_too_many_pixels_is_not_decoded(tmp_path, side, caplog):
    (tmp_path / "a.png").write_bytes(header(side, side))
    with pytest.raises(UserError, match=rf"a\.png has {side} x {side} pixels; at most 16,777,216 are read"):
        load_image(tmp_path, "a.png")
    (tmp_path / "b.png").write_bytes(header(1, 1) + header(side, side)[8:])  # a second header
    with pytest.raises(UserError, match=r"b\.png is not a readable PNG"):
        load_image(tmp_path, "b.png")
    assert open_image(tmp_path, "a.png") is open_image(tmp_path, "b.png") is None
    assert f"{side} x {side} pixels" in caplog.text


def test_other_formats_are_not_read(tmp_path):
    """Pillow would run a program for some, such as EPS."""
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png", format="BMP")
    with pytest.raises(UserError, match="is not a readable PNG"):
        load_image(tmp_path, "a.png")


def test_a_fifo_is_refused_and_not_shown(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(UserError, match="is not a regular file"):
        load_image(tmp_path, "a.png")
    assert open_image(tmp_path, "a.png") is None


def test_what_rounding_leaves_outside_the_range_is_clamped():
    """Values beside 0 and 1 in float32 and the double of them."""
    inside = torch.rand(1, 4, 4, dtype=torch.float64)
    inside[0, 0] = torch.tensor([0.0, 1.0, -9e-7, 1 + 9e-7])
    pixels = recordable(inside, "it")
    assert pixels.dtype == torch.float32
    assert pixels[0, 0].tolist() == [0, 1, 0, 1]
    assert torch.equal(pixels[0, 1:], inside[0, 1:].float())


NONE: dict[str, tuple[Any, str]] = {
    "nan": (torch.full((3, 2, 2), math.nan), "12 of these are NaN or infinite"),
    "infinite": (torch.tensor([[[0.5, -math.inf]]]), "1 of these are NaN or infinite"),
    "above": (torch.tensor([[[0.5, 1 + 2e-6]]]), r"these are 0.5 to 1.000002"),
    "below": (torch.tensor([[[-0.25, 1.0]]]), r"these are -0.25 to 1"),
    "bytes": (torch.zeros(3, 2, 2, dtype=torch.uint8), "these are torch.uint8"),
    "array": (np.zeros((3, 2, 2), np.float32), "these are ndarray"),
    "batch": (torch.zeros(1, 3, 2, 2), r"\(channels, height, width\), these have \(1, 3, 2, 2\)"),
    "plane": (torch.zeros(2, 2), r"these have \(2, 2\)"),
    "empty": (torch.zeros(0, 2, 2), r"these have \(0, 2, 2\)"),
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_image_is_an_error_and_writes_no_file(tmp_path, name):
    pixels, message = NONE[name]
    with pytest.raises(ValueError, match=rf"^a\.png: pixels .*{message}"):
        save_image(pixels, tmp_path / "a.png", {})
    assert not list(tmp_path.iterdir())


def test_the_first_real_image_of_each_class_is_loaded(make_run):
    real = load_real(make_run(real=2))
    assert [tuple((255 * image[:, 0, 0]).round().int().tolist()) for image in real] == [
        real_colour(unit) for unit in range(4)
    ]


def test_real_images_of_which_one_is_broken_are_none(make_run, caplog):
    run = make_run(real=2)
    (run / "evolution/real/002-name-0.png").write_bytes(b"no image")
    assert load_real(run) == []
    assert caplog.messages[0].startswith("Real images are not shown: ")
