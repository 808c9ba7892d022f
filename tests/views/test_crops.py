"""Crops, tiles and sheets, pixel by pixel."""

import pytest
import torch

from featevo.views.crops import crop, sheet, tile


def test_a_crop_is_grey_beyond_the_image():
    image = torch.arange(2 * 4 * 5.0).view(2, 4, 5) / 100
    assert torch.equal(crop(image, (1, 2, 2, 3)), image[:, 1:3, 2:5])
    part = crop(image, (-1, 3, 3, 4))
    assert torch.equal(part[:, 1:, :2], image[:, :2, 3:])
    part[:, 1:, :2] = 0.5
    assert (part == 0.5).all()
    assert (crop(image, (7, 0, 2, 2)) == 0.5).all()
    assert (crop(image, (-9, -9, 2, 2)) == 0.5).all()


def test_a_tile_has_square_pixels_in_the_middle_of_white():
    part = torch.rand(1, 2, 3)
    found = tile(part, 8, 12)
    assert torch.equal(found, part.repeat_interleave(4, 1).repeat_interleave(4, 2))
    narrow = tile(part, 12, 12)
    assert torch.equal(narrow[:, 2:10], found)
    assert (narrow[:, :2] == 1).all()
    assert (narrow[:, 10:] == 1).all()
    assert torch.equal(tile(part, 2, 3), part)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_has_thin_white_gaps(channels):
    tiles = [*torch.rand(6, channels, 64, 64)]
    found = sheet([tiles[:3], tiles[3:]])
    assert found.shape == (channels, 64 + 6 + 64, 3 * 64 + 2 * 2)
    for number, each in enumerate(tiles):
        top, left = 70 * (number // 3), 66 * (number % 3)
        assert torch.equal(found[:, top : top + 64, left : left + 64], each)
        found[:, top : top + 64, left : left + 64] = 1
    assert (found == 1).all()
