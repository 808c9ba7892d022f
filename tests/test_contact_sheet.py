"""A contact sheet: its images, their sizes, and text that cannot become markup."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from featevo.contact_sheet import MOST_IMAGES, ContactSheet, caption


class Tags(HTMLParser):
    """The images, as (text, style, pixels), and all text of a sheet."""

    def __init__(self, html):
        super().__init__()
        self.images, self.text, self.names, self.kinds = [], [], set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        if tag == "img":
            values = dict(attributes)
            kind, _, content = values["src"].partition(";base64,")
            self.kinds.add(kind.removeprefix("data:image/"))
            pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
            self.images.append((values["alt"], values["style"], pixels))

    def handle_data(self, data):
        self.text.append(data)


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def shown(*images, title="a title", captions=None):
    return Tags(ContactSheet(title, images, captions or [[f"image {n}"] for n in range(len(images))])._repr_html_())


def test_images_and_captions_in_order():
    images = noise(3, 8, 8, 3)
    found = shown(*images, captions=[["a", "p 0.10"], ["b"], ["c"]])
    assert found.text == ["a title", "a", "p 0.10", "b", "c"]
    assert [name for name, _, _ in found.images] == ["a", "b", "c"]
    assert np.array_equal([pixels for _, _, pixels in found.images], images)


@pytest.mark.parametrize(
    ("shape", "width", "height", "kept"),
    [
        ((64, 64, 3), 128, 128, True),
        ((24, 24), 120, 120, True),
        ((224, 224, 3), 224, 224, True),
        ((100, 400, 3), 256, 64, False),
    ],
)
def test_small_images_are_enlarged_by_whole_factors_and_large_ones_shrunk(shape, width, height, kept):
    ((_, style, pixels),) = shown(noise(*shape)).images
    assert pixels.shape == (shape if kept else (64, 256, 3))
    assert f"width:{width}px;height:{height}px" in style


def test_a_large_sheet_is_compressed():
    """Images of 224 pixels with the detail of photographs are less than the 3 MB that Jupyter shows."""
    assert shown(*noise(96, 64, 64, 3)).kinds == {"png"}
    blurred = gaussian_filter(noise(16, 224, 224, 3).astype(float), (0, 1.5, 1.5, 0))
    detailed = np.clip(128 + 3 * (blurred - blurred.mean()), 0, 255).astype(np.uint8)
    large = ContactSheet("", detailed, [["a"]] * 16)._repr_html_()
    assert Tags(large).kinds == {"webp"}
    assert len(large) * MOST_IMAGES / 16 < 3_000_000


def test_a_missing_image_is_said():
    found = shown(None, noise(8, 8))
    assert found.text == ["a title", "no image", "image 0", "image 1"]
    assert len(found.images) == 1


def test_text_cannot_become_markup():
    hostile = "<script>'\"&\n</div>"
    found = shown(noise(8, 8), title=hostile, captions=[[hostile, hostile]])
    assert found.names == {"div", "img"}
    assert found.text == [hostile.replace("\n", " ")] * 3
    assert found.images[0][0] == hostile.replace("\n", " ")


def test_of_many_images_some_are_shown_and_this_is_said():
    found = shown(*noise(MOST_IMAGES + 5, 2, 2))
    assert len(found.images) == MOST_IMAGES
    assert found.text[0] == f"a title ({MOST_IMAGES} of {MOST_IMAGES + 5} images, evenly spread)"
    assert (found.images[0][0], found.images[-1][0]) == ("image 0", f"image {MOST_IMAGES + 4}")


def test_the_text():
    assert repr(ContactSheet("a", [None], [["x"]])) == "a: 1 image"
    assert repr(ContactSheet("a", [], [])) == "a: 0 images"
    assert shown().images == []


def test_captions():
    assert caption("a", "steps", 0.5, 3.0) == ["a", "p 0.50"]
    assert caption("a", "never rose", None, 12.345) == ["a", "12.3", "never rose"]
    assert caption("a", None) == ["a"]
