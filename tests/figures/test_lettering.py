"""Text as pictures: inside its bounds, in letters that the font has."""

from __future__ import annotations

from PIL import ImageFont

from featevo.figures.lettering import paragraph

WHITE = (255, 255, 255)


def test_text_stays_inside_its_width_and_lines():
    text = paragraph("Pneumonoultramicroscopicsilicovolcanoconiosis and many more words " * 9, 120, 20, lines=2)
    assert text.size == (120, 52)

    # Cut by the ellipsis, not by the edge: no letter touches the last column.
    assert {text.getpixel((119, y)) for y in range(text.height)} == {WHITE}


def test_letters_that_the_font_lacks_are_spelt_without_accents():
    assert paragraph("crème brûlée", 300, 20) == paragraph("creme brulee", 300, 20)
    assert ImageFont.load_default(20).getmask("é").getbbox() is not None  # Pillow draws a box and says nothing
