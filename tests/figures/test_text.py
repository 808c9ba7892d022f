"""Text before drawing: its measured width is that of the drawing, it fits its width, and it is safe in any file."""

from __future__ import annotations

import pytest

from featevo.figures.text import plain, width_of, wrap

LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis and many more words " * 9


@pytest.mark.parametrize("lines", [None, 2])
def test_lines_stay_inside_their_width(lines):
    wrapped = wrap(LONG, 60, 8, lines)

    assert all(width_of(line, 8) <= 60 for line in wrapped)
    assert lines is None or (len(wrapped) == lines and wrapped[-1].endswith("…"))
    assert lines is not None or "".join(wrapped).replace(" ", "") == LONG.replace(" ", "")


def test_text_that_fits_is_unchanged():
    assert wrap("tree frog", 500, 8, 1) == ["tree frog"]
    assert wrap("tree frog, flamingo", width_of("tree frog,", 8) + 0.1, 8) == ["tree frog,", "flamingo"]
    assert wrap("", 100, 8) == [""]


def test_a_letter_wider_than_the_line_has_its_own_line():
    assert wrap("WWW", 1, 8) == ["W", "W", "W"]


def test_widths_grow_with_text_and_size():
    assert 0 < width_of("a", 8) < width_of("ab", 8)
    assert width_of("epoch 3", 16) == pytest.approx(2 * width_of("epoch 3", 8), rel=0.01)


def test_text_is_not_mathematics_and_a_missing_letter_gives_no_warning():
    assert width_of("$x_1$", 8) > width_of("x_1", 8)
    assert width_of("松鼠", 8) > 0


def test_any_text_is_one_line_of_printable_letters():
    assert plain(" a\n\tb\x00\x07c\ud800d  é 松鼠 ") == "a b c d é 松鼠"
