"""Files hold the recorded pixels and real text, are reproducible, and are written atomically."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from featevo.figures.blocks import picture, stack, words
from featevo.figures.sheet import SHEETS, lay_out, save_sheet
from tests.figures.parts import pdf_images, svg_images

NAME = "松鼠 & <café_au_lait> $5"


@pytest.fixture
def recorded():
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (21, 34, 3), dtype=np.uint8))


@pytest.fixture
def block(recorded):
    return stack([words(NAME), picture(recorded, 3, 300)])


def test_an_svg_holds_each_image_as_recorded(block, recorded, tmp_path):
    (found,) = svg_images(save_sheet(block, tmp_path / "a.svg", NAME))

    assert found.size == recorded.size
    assert found.tobytes() == recorded.tobytes()
    assert "image-rendering:pixelated" in (tmp_path / "a.svg").read_text()


def test_a_pdf_holds_each_image_as_recorded(block, recorded, tmp_path):
    (found,) = pdf_images(save_sheet(block, tmp_path / "a.pdf", NAME))

    assert np.array_equal(found, np.asarray(recorded))


def test_images_are_not_merged_into_one(recorded, tmp_path):
    two = stack([picture(recorded, 1, 300), picture(recorded.rotate(180), 2, 300)])

    assert len(svg_images(save_sheet(two, tmp_path / "a.svg", ""))) == 2
    assert len(pdf_images(save_sheet(two, tmp_path / "a.pdf", ""))) == 2


def test_text_is_text(block, tmp_path):
    svg = save_sheet(block, tmp_path / "a.svg", NAME).read_text()
    pdf = save_sheet(block, tmp_path / "a.pdf", NAME).read_bytes()

    assert "松鼠 &amp; &lt;café_au_lait&gt; $5</text>" in svg
    assert re.search(r"font-family: 'DejaVu Sans'[^;]*sans-serif", svg)
    # TrueType inside a composite font; journals do not accept Type 3.
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf


@pytest.mark.parametrize("kind", SHEETS)
def test_the_same_block_gives_the_same_bytes(block, tmp_path, kind):
    first, second = (save_sheet(block, tmp_path / f"{n}.{kind}", NAME).read_bytes() for n in (1, 2))

    assert first == second
    assert not re.search(rb"<dc:date>|CreationDate|tIME", first)


def test_a_png_has_its_size_in_inches_and_is_even(block, tmp_path):
    for dpi in (150, 301):
        with Image.open(save_sheet(block, tmp_path / "a.png", "", dpi)) as shown:
            assert shown.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)
            assert shown.width % 2 == shown.height % 2 == 0
            assert (shown.width, shown.height) == lay_out(block, dpi).canvas.get_width_height()


@pytest.mark.parametrize("kind", SHEETS)
def test_a_failure_leaves_the_old_file_and_no_other(block, tmp_path, kind, monkeypatch):
    path = save_sheet(block, tmp_path / f"a.{kind}", "")
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save_sheet(block, path, "")

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
