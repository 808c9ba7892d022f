"""Images in a grid: every one in its place, pixel for pixel."""

from __future__ import annotations

import pytest
from PIL import Image

from featevo.figures.grid import arrange, gap, grid_shape, grid_size
from tests.figures.parts import count_dots

WHITE = (255, 255, 255)


def test_four_classes_are_clockwise_from_the_upper_left(colour):
    sheet = arrange([Image.new("RGB", (16, 16), colour(unit)) for unit in range(4)])

    upper, lower = (sheet.height // 4, 3 * sheet.height // 4)
    assert sheet.getpixel((upper, upper)) == colour(0)
    assert sheet.getpixel((lower, upper)) == colour(1)
    assert sheet.getpixel((lower, lower)) == colour(2)
    assert sheet.getpixel((upper, lower)) == colour(3)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10])
def test_other_numbers_of_classes_are_row_by_row(colour, count):
    sheet = arrange([Image.new("RGB", (16, 16), colour(unit)) for unit in range(count)], tile=64)
    columns, rows = grid_shape(count)

    assert sheet.size == (66 * columns - 2, 66 * rows - 2) == grid_size(count, 64)
    for unit in range(count):
        assert sheet.getpixel((66 * (unit % columns) + 32, 66 * (unit // columns) + 32)) == colour(unit)


def test_gaps_grow_with_the_tiles():
    assert [gap(tile) for tile in (4, 16, 64, 224)] == [1, 1, 2, 7]


@pytest.mark.parametrize(
    ("count", "shape"), [(0, (1, 1)), (1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (10, (5, 2)), (100, (10, 10))]
)
def test_grids_are_near_squares_without_holes(count, shape):
    assert grid_shape(count) == shape


def test_whole_factors_keep_every_pixel():
    image = Image.effect_noise((16, 16), 80).convert("RGB")

    # Any other filter differs between the centres of the recorded pixels.
    assert arrange([image], tile=48).reduce(3).tobytes() == image.tobytes()
    assert arrange([image], tile=48).getpixel((3, 3)) == image.getpixel((1, 1))
    assert arrange([image], tile=48).getpixel((5, 5)) == image.getpixel((1, 1))


def test_grey_images_are_allowed():
    assert arrange([Image.new("L", (8, 8), 77)]).getpixel((4, 4)) == (77, 77, 77)


def test_a_missing_image_is_an_empty_crossed_field():
    sheet = arrange([None], tile=33)

    assert sheet.getpixel((16, 8)) == WHITE
    assert sheet.getpixel((16, 16)) != WHITE
    assert sheet.getpixel((8, 8)) == sheet.getpixel((24, 8)) != WHITE


@pytest.mark.parametrize("size", [(24, 12), (12, 24)])
def test_tiles_have_the_shape_of_the_images(size):
    """The longer side is that of the tile; pixels stay square."""
    image = Image.effect_noise(size, 80).convert("RGB")
    sheet = arrange([image, None, image, image, image], tile=48)
    width, height = 2 * size[0], 2 * size[1]
    assert sheet.size == (3 * width + 2, 2 * height + 1)
    for left, top in ((0, 0), (2 * width + 2, 0), (0, height + 1), (width + 1, height + 1)):
        assert sheet.crop((left, top, left + width, top + height)).reduce(2).tobytes() == image.tobytes()
    assert sheet.getpixel((width + 1, 0)) == sheet.getpixel((2 * width, height - 1)) != WHITE
    assert sheet.getpixel((2 * width + 1, 5)) == WHITE


def test_images_of_several_shapes_keep_theirs():
    """Channels of different layers can have images of different sizes."""
    square, wide = Image.new("RGB", (16, 16), (255, 0, 0)), Image.new("RGB", (32, 16), (0, 0, 255))
    sheet = arrange([square, wide])

    assert sheet.size == (2 * 32 + 1, 32)
    assert count_dots(sheet) == {(255, 0, 0): 32 * 32, (0, 0, 255): 32 * 16, WHITE: 32 * 16 + 32}
    assert sheet.getpixel((48, 16)) == (0, 0, 255)
