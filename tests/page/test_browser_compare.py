"""Two runs in one picture in a real Chromium: an edge between them, and their difference."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from tests.page.parts import CLASSES, choose, shows, tone

QUADRANTS = (0, 1, 3, 2)
NONE = [0, 0, 0, 0]


def way(page, value):
    """Choose how two runs are compared."""
    if page.is_hidden("#pair"):
        choose(page, "blink")
    choose(page, value)


def difference(one, other):
    """As the page promises: the absolute difference times 2, at most 255; opaque."""
    return [*(min(255, 2 * abs(a - b)) for a, b in zip(one[:3], other[:3], strict=True)), 255]


def halves(page, place=0):
    """The colours that the screen shows of an image: near its left edge, and near its right edge."""
    shot = np.asarray(Image.open(io.BytesIO(page.locator("#gallery .swiped").nth(place).screenshot())).convert("RGBA"))
    height, width = shot.shape[:2]
    return [shot[height // 2, x].tolist() for x in (width // 10, width - width // 10)]


@pytest.fixture
def overlaid(visit, painted):
    """A page of two runs; at epoch 1 they differ in red alone."""
    return visit(painted(0, {1: 0.25, 8: 0.9}), painted(1, {1: 0.3, 4: 0.6}))


def test_the_difference_is_absolute_and_doubled(overlaid):
    page = overlaid
    way(page, "difference")
    shows(page, *[difference(tone(0, 8, unit), tone(1, 4, unit)) for unit in QUADRANTS])
    assert difference(tone(0, 8, 0), tone(1, 4, 0)) == [120, 160, 0, 255]
    words = page.inner_text("#gallery .note")
    assert "Absolute difference of the two pictures in each colour channel, times 2" in words
    label = page.locator("#gallery canvas").first.get_attribute("aria-label")
    assert label.startswith("Difference times 2 of: Render of tree frog, init=0, epoch 8")
    page.keyboard.press("Home")
    shows(page, *[[120, 0, 0, 255]] * 4)
    page.select_option("#second", "0")
    shows(page, *[[0, 0, 0, 255]] * 4)


def test_the_difference_of_every_pixel(visit, painted):
    """Also of a picture with a detail, at its place; a difference of more than 127 is white."""
    runs = [painted(number, {1: 0.5}, classes=["red"]) for number in (0, 1)]
    for number, run in enumerate(runs):
        entry = json.loads((run / "evolution/index.jsonl").read_text())
        picture = Image.new("RGB", (16, 16), (100, 100, 100))
        picture.putpixel((3, 5), (100 - 60 * number, 100 + 3 * number, 255 * number))
        picture.save(run / entry["renders"][0]["file"])
    page = visit(*runs)
    way(page, "difference")
    shows(page, [0, 0, 0, 255])
    values = page.locator("#gallery canvas").evaluate("""(canvas) => {
        const copy = new OffscreenCanvas(16, 16).getContext("2d");
        copy.drawImage(canvas, 0, 0);
        return [...copy.getImageData(0, 0, 16, 16).data];
    }""")
    pixels = [values[k : k + 4] for k in range(0, 1024, 4)]
    assert pixels.pop(5 * 16 + 3) == [120, 6, 255, 255]
    assert pixels == [[0, 0, 0, 255]] * 255


def test_a_class_of_one_run_alone_has_no_difference(visit, painted):
    page = visit(painted(0, {1: 0.5}, classes=["a", "b"]), painted(1, {1: 0.5}, classes=["b", "c"]))
    way(page, "difference")
    shows(page, NONE, difference(tone(0, 1, 1), tone(1, 1, 0)), NONE)
    assert page.locator("#gallery .none").count() == 2


def test_the_edge_shares_the_picture(overlaid):
    """By keys to its ends and in steps, and by the pointer."""
    page = overlaid
    way(page, "swipe")
    first, second = tone(0, 8, 0), tone(1, 4, 0)
    shows(page, *[tone(run, epoch, unit) for unit in QUADRANTS for run, epoch in ((0, 8), (1, 4))])
    assert page.locator("#gallery .head strong").all_inner_texts() == ["init=0", "init=1"]
    assert halves(page) == [first, second]
    page.focus("#edge")
    page.keyboard.press("Home")
    assert halves(page) == [second, second]
    page.keyboard.press("End")
    assert halves(page) == [first, first]
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#edge") == "99"
    assert page.inner_text("#now") == "epoch 8", "the moment of training stays"
    box = page.locator("#gallery .swiped").nth(1).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 9)
    assert page.input_value("#edge") == "50"
    assert halves(page, 1) == [tone(0, 8, 1), tone(1, 4, 1)]
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 9)
    assert page.inner_text("#name") == CLASSES[1]
    assert "init=0" in page.inner_text("#facts .head")


def test_only_blinking_has_a_button_and_the_key_returns_to_it(overlaid):
    page = overlaid
    choose(page, "blink")
    page.check("#automatic")
    way(page, "swipe")
    assert page.is_hidden("#blink")
    assert page.is_visible("#edge")
    choose(page, "rows")
    choose(page, "blink")
    assert page.locator("#gallery .swiped").count() == 4, "the way is kept"
    way(page, "difference")
    assert page.is_hidden("#edge")
    page.keyboard.press("b")
    shows(page, *[tone(0, 8, unit) for unit in QUADRANTS])
    assert not page.is_checked("#automatic")
    page.locator("#way input:checked").blur()
    page.keyboard.press("b")
    shows(page, *[tone(1, 4, unit) for unit in QUADRANTS])


@pytest.mark.parametrize("value", ["swipe", "difference"])
def test_a_phone_shows_both_without_sideways_scrolling(visit, two, value):
    page = visit(*two, width=360, height=740, has_touch=True, is_mobile=True)
    way(page, value)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("#gallery canvas").first.bounding_box()["width"] >= 150
