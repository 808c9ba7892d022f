"""Blocks are drawn at their places, and their images are shown dot for dot."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from featevo.figures.blocks import Block, beside, cell, picture, rule, stack, words
from featevo.figures.sheet import as_image, lay_out
from featevo.figures.text import width_of
from tests.figures.parts import boxes, texts


def noise(side):
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def seen(width, height):
    """A block, and the list of places where it was drawn."""
    places: list[tuple[float, float]] = []
    return Block(width, height, lambda sheet, left, top: places.append((left, top))), places


@pytest.mark.parametrize("dpi", [72, 100, 150, 300, 333, 600])
@pytest.mark.parametrize(("side", "zoom"), [(16, 3), (7, 1), (64, 2)])
def test_every_pixel_of_an_image_is_a_square_of_dots(dpi, side, zoom):
    # Three and a half dots beside it, seven and a quarter above: it starts at a whole dot.
    recorded = noise(side)
    aside, above = Block(3.5 * 72 / dpi, 1, lambda *_: None), Block(1, 7.25 * 72 / dpi, lambda *_: None)
    shown = as_image(lay_out(beside([aside, stack([above, picture(recorded, zoom, dpi)])]), dpi, margin=0))
    left, top = 4, 7
    box = (left, top, left + side * zoom, top + side * zoom)

    assert shown.crop(box).tobytes() == recorded.resize((side * zoom,) * 2, Image.Resampling.NEAREST).tobytes()


def test_a_stack_is_as_wide_as_its_widest_and_centres_the_others():
    (wide, first), (narrow, second) = seen(30, 10), seen(10, 5)
    whole = stack([wide, narrow], 3, "center")
    lay_out(whole, margin=0)

    assert (whole.width, whole.height) == (30, 18)
    assert (first, second) == ([(0, 0)], [(10, 13)])


def test_blocks_side_by_side_are_aligned_at_the_top_or_the_middle():
    for middle, top in ((False, 0), (True, 4)):
        (high, first), (low, second) = seen(10, 20), seen(10, 12)
        whole = beside([high, low], 2, middle)
        lay_out(whole, margin=0)
        assert (whole.width, whole.height) == (22, 20)
        assert (first, second) == ([(0, 0)], [(12, top)])


def test_a_cell_has_its_own_width():
    block, places = seen(10, 5)
    lay_out(cell(block, 30, "right"), margin=0)

    assert places == [(20, 0)]


def test_an_empty_stack_is_a_block():
    assert (stack([], 8).height, beside([], 8).width) == (0, 0)
    assert lay_out(stack([])).get_size_inches().min() > 0


@pytest.mark.parametrize("text", ["$x^2$", "café_au_lait 100%", r"\alpha {b} \frac", "<b>&amp;", "松鼠"])
def test_text_is_never_markup(text):
    figure = lay_out(words(text))
    ((name, (left, _, right, _)),) = boxes(figure, Text).items()

    assert name == f"0 {text}"
    assert right - left == pytest.approx(width_of(text, 8) / 72 * 300, abs=4)


def test_text_has_at_most_the_lines_it_is_allowed():
    assert words("one two three four", width=30).height > words("one").height
    assert words("one two three four", width=30, lines=1).height == words("one").height
    assert len(texts(lay_out(words("one two three four", width=30, lines=2)))) == 2


def test_a_rule_is_a_line_of_its_thickness():
    shown = np.asarray(as_image(lay_out(rule(20, 2), 72, margin=4)))[..., 0]

    assert (shown < 128).sum() == 20 * 2
