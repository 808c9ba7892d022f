"""Sheets contain every image in its place."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from featevo.page import pictures
from featevo.page.pictures import COLUMNS, PER_SHEET, RIM, as_webp, encoded, sheets


@pytest.fixture
def noise(tmp_path):
    """Files of random images, the hardest to compress."""

    def make(count, side):
        rng = np.random.default_rng(0)
        files = [tmp_path / f"{number}.png" for number in range(count)]
        for file in files:
            Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(file)
        return files

    return make


def unpacked(found, place):
    """An image from its sheet, as the page's script reads it."""
    with Image.open(io.BytesIO(base64.b64decode(found.data[place // PER_SHEET]))) as sheet:
        return cut(sheet, place % PER_SHEET, found.side)


def cut(sheet, place, side):
    stride = side + 2 * RIM
    left, top = place % COLUMNS * stride + RIM, place // COLUMNS * stride + RIM
    return np.asarray(sheet.convert("RGB").crop((left, top, left + side, top + side)))


@pytest.mark.parametrize(("count", "side"), [(1, 64), (4, 30), (50, 16)])
def test_without_loss_each_pixel_is_that_of_the_file(noise, count, side):
    files = noise(count, side)
    found = sheets(files[0].parent, [file.name for file in files], None)
    assert found.side == side
    assert len(found.data) == -(-count // PER_SHEET)
    for place, file in enumerate(files):
        assert np.array_equal(unpacked(found, place), np.asarray(Image.open(file)))


def test_a_missing_image_leaves_its_place_empty(noise, tmp_path):
    files = noise(3, 16)
    files[1].write_bytes(files[1].read_bytes()[:40])
    found = sheets(tmp_path, [*(file.name for file in files), None, "nowhere.png"], None)
    assert found.seen == [True, False, True, False, False]
    assert np.array_equal(unpacked(found, 2), np.asarray(Image.open(files[2])))
    assert sheets(tmp_path, [None, None], None).data == [""]
    assert sheets(tmp_path, [], None).data == []


def test_images_of_other_sizes_get_that_of_the_largest(noise, tmp_path):
    small = tmp_path / "small.png"
    Image.new("RGB", (8, 8), (200, 10, 30)).save(small)
    found = sheets(tmp_path, [noise(1, 32)[0].name, small.name], None)
    assert (unpacked(found, 1) == (200, 10, 30)).all()


def test_a_sheet_stays_within_the_limits_of_webp(noise, tmp_path):
    found = sheets(tmp_path, [noise(1, 2100)[0].name], None)
    assert found.side == 2000
    assert abs(unpacked(found, 0).mean() - 127.5) < 1
    assert unpacked(found, 0).std() < 70  # blended: the noise has 74
    with Image.open(io.BytesIO(encoded([Image.new("RGB", (2100, 2100))], 75))) as sheet:
        assert sheet.width * 8 <= 16383


def test_with_loss_adjacent_images_do_not_mix():
    images = [Image.new("RGB", (30, 30), colour) for colour in ((255, 0, 0), (0, 0, 255), (0, 255, 0))]
    data = encoded(images, 85)
    with Image.open(io.BytesIO(data)) as sheet:
        for place, image in enumerate(images):
            assert np.abs(cut(sheet, place, 30).astype(int) - np.asarray(image)).max() < 20


@pytest.mark.parametrize("shape", [(8, 16), (16, 8)])
@pytest.mark.parametrize("quality", [None, 80])
def test_an_image_that_is_not_square_is_in_the_middle_of_its_place(shape, quality):
    """Nothing is stretched; beside the image its place is transparent, up to the rim."""
    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for _ in range(2)]
    with Image.open(io.BytesIO(encoded(images, quality))) as sheet:
        stride = 16 + 2 * RIM
        assert sheet.size == (2 * stride, stride)
        pixels = np.asarray(sheet.convert("RGBA"))
    for place, image in enumerate(images):
        inner = pixels[RIM : RIM + 16, place * stride + RIM : place * stride + RIM + 16]
        top, left = (16 - shape[0]) // 2, (16 - shape[1]) // 2
        opaque = np.zeros((16, 16), bool)
        opaque[top : top + shape[0], left : left + shape[1]] = True
        assert np.array_equal(inner[..., 3] == 255, opaque)
        assert np.array_equal(inner[..., 3] == 0, ~opaque)
        if quality is None:
            assert np.array_equal(inner[opaque][:, :3].reshape(*shape, 3), np.asarray(image))


def test_a_sheet_is_encoded_once_and_old_ones_are_forgotten(monkeypatch):
    monkeypatch.setattr(pictures, "_kept", {})
    monkeypatch.setattr(pictures, "MOST_KEPT", 2)
    wide, high, grey = (Image.new(mode, size) for mode, size in (("RGB", (4, 2)), ("RGB", (2, 4)), ("L", (4, 6))))
    first = as_webp(wide, None)
    assert as_webp(wide.copy(), None) is first
    assert as_webp(wide, 75) != first
    others = [as_webp(image, None) for image in (high, grey)]  # these have the same bytes of pixels
    assert [Image.open(io.BytesIO(data)).size for data in (first, *others)] == [(4, 2), (2, 4), (4, 6)]
    assert len(pictures._kept) == 2
    assert as_webp(wide, None) is not first
