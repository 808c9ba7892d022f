"""Real images beside the renders in a real Chromium: in rows, panels, film and the large view, and turned off."""

import pytest

from tests.conftest import real_colour
from tests.page.parts import CLASSES, choose, shows, tone
from tests.page.views import EXEMPLARS, WIDE, add_views, edit, shade

REAL = [[*real_colour(unit), 255] for unit in range(4)]


@pytest.fixture
def with_real(painted):
    """A run of a number, with one real image of each class."""
    return lambda number, epochs, **settings: painted(number, epochs, real=1, **settings)


def test_rows_have_a_first_column_of_real_images(visit, with_real, painted):
    page = visit(painted(0, {1: 0.5}), with_real(1, {1: 0.5}))
    shows(page, *[colour for unit in range(4) for colour in (REAL[unit], tone(0, 1, unit), tone(1, 1, unit))])
    assert page.locator("#gallery .head strong").all_inner_texts() == ["real images", "init=0", "init=1"]
    labels = [canvas.get_attribute("aria-label") for canvas in page.locator("#gallery .real canvas").all()]
    assert labels == [f"Real images of {name}" for name in CLASSES]
    assert page.locator("#gallery .real button").count() == 0
    widths = "() => [...document.querySelectorAll('#gallery canvas')].map((canvas) => canvas.clientWidth)"
    assert len(set(page.evaluate(widths))) == 1


def test_a_checkbox_turns_them_off(visit, with_real):
    page = visit(with_real(0, {1: 0.25, 4: 0.5}), with_real(1, {2: 0.5}))
    renders = [colour for unit in range(4) for colour in (tone(0, 4, unit), tone(1, 2, unit))]
    assert page.is_checked("#real")
    page.uncheck("#real")
    shows(page, *renders)
    page.locator("#gallery button").first.click()
    assert page.locator("#large canvas").count() == 1
    page.keyboard.press("Escape")
    page.check("#real")
    shows(page, *[colour for unit in range(4) for colour in (REAL[unit], *renders[2 * unit : 2 * unit + 2])])


def test_panels_have_a_first_panel_of_real_images(visit, with_real):
    page = visit(with_real(0, {1: 0.5}))
    order = (0, 1, 3, 2)
    shows(page, *[REAL[unit] for unit in order], *[tone(0, 1, unit) for unit in order])
    real, run = page.locator("#gallery .panel").all()
    assert real.locator("figcaption").all_inner_texts() == [CLASSES[unit] for unit in order]
    assert real.bounding_box()["y"] == run.bounding_box()["y"]


def test_the_film_has_a_first_column_of_real_images(visit, with_real):
    page = visit(with_real(0, {1: 0.25, 4: 0.5}))
    choose(page, "film")
    shows(page, *[colour for unit in range(4) for colour in (REAL[unit], tone(0, 1, unit), tone(0, 4, unit))])
    page.click("#previous")
    assert page.locator("#gallery .head.real strong").is_visible()
    assert page.locator("#gallery .head.current").inner_text().split("\n")[-1] == "epoch 1 · 25.0 %"
    assert page.locator("#gallery button.current").count() == 4


def test_blinking_shows_none(visit, with_real):
    page = visit(with_real(0, {1: 0.5}), with_real(1, {1: 0.5}))
    page.keyboard.press("b")
    shows(page, *[tone(0, 1, unit) for unit in (0, 1, 3, 2)])
    assert page.is_hidden("#reality")


def test_the_large_view_has_those_of_its_class(visit, with_real):
    page = visit(with_real(0, {1: 0.5}))
    page.locator("#gallery button").nth(1).click()
    beside = page.locator("#beside")
    assert beside.locator("canvas").get_attribute("aria-label") == "Real images of flamingo"
    assert beside.inner_text() == "real images"
    assert beside.bounding_box()["width"] <= page.locator("#large .frame").bounding_box()["width"]
    page.keyboard.press("ArrowDown")
    assert beside.locator("canvas").get_attribute("aria-label") == "Real images of pool table"


def test_the_large_view_has_the_exemplars_of_its_snapshot(visit, with_real):
    """Of classes alone, not of channels; no other images with the name of a class."""
    of_classes = {unit: (name, "", WIDE) for unit, name in enumerate(CLASSES)}
    views = {"exemplars": ((4,), of_classes), "other": ((4,), of_classes), "channels": ((4,), EXEMPLARS)}
    run = add_views(with_real(0, {1: 0.25, 4: 0.5}), views)

    def activations(entries):
        for image in entries[1]["renders"]:
            if image["view"] in ("exemplars", "channels"):
                image |= {"most": 12.5, "least": -3.25}

    edit(run, activations)
    page = visit(run, width=1280)
    page.locator("#gallery button").nth(1).click()
    beside = page.locator("#beside")
    assert beside.locator("figcaption").all_inner_texts() == [
        "real images",
        "exemplars: images that activate the unit most (above, up to 12.5) and least (below, down to -3.25)",
    ]
    middle = """(canvas) => {
        const copy = new OffscreenCanvas(24, 12).getContext("2d");
        copy.drawImage(canvas, 0, 0);
        return [canvas.width, canvas.height, ...copy.getImageData(12, 6, 1, 1).data];
    }"""
    assert beside.locator("canvas").nth(1).evaluate(middle) == [*WIDE, *shade(0, 4, 1)]
    assert beside.locator("canvas").nth(1).get_attribute("aria-label") == "Exemplars of flamingo"
    assert beside.locator("canvas").nth(1).bounding_box()["width"] == 288
    assert beside.bounding_box()["width"] == page.locator("#large .frame").bounding_box()["width"]
    page.keyboard.press("ArrowLeft")
    assert beside.inner_text() == "real images"


def test_a_class_without_real_images_has_an_empty_place(visit, painted, with_real):
    page = visit(painted(0, {1: 0.5}, classes=["cup"]), with_real(1, {1: 0.5}, classes=["jay"]))
    none = [0, 0, 0, 0]
    shows(page, tone(0, 1, 0), none, REAL[0], none, tone(1, 1, 0))
    choose(page, "panels")
    shows(page, REAL[0], tone(0, 1, 0), tone(1, 1, 0))


def test_records_without_real_images_have_no_checkbox(visit, two):
    page = visit(*two)
    assert page.is_hidden("#reality")
    assert page.locator("#gallery .real").count() == 0


@pytest.mark.parametrize("layout", ["rows", "panels", "film"])
def test_a_phone_shows_them_without_sideways_scrolling(visit, with_real, layout):
    page = visit(with_real(0, {1: 0.25, 4: 0.5}), with_real(1, {2: 0.5}), width=360, height=740, is_mobile=True)
    choose(page, layout)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("#gallery .real canvas").first.bounding_box()["width"] >= 60
    page.locator("#gallery button").first.click()
    assert page.locator("#beside canvas").bounding_box()["width"] <= 360
