"""Other views and how layers settle in a real Chromium: they follow the slider, and a record without them has none."""

import json

import pytest

from tests.page.parts import at, choose, shows
from tests.page.views import CHANNELS, EXEMPLARS, SQUARE, add_views, shade

EVIL = "<img src=x onerror=alert(1)>"

UNITS = """() => [...document.querySelectorAll("#views canvas")].map((canvas) => {
    const copy = new OffscreenCanvas(1, 1).getContext("2d");
    copy.drawImage(canvas, -Math.floor(canvas.width / 2), -Math.floor(canvas.height / 2));
    return [...copy.getImageData(0, 0, 1, 1).data];
})"""


def units_show(page, *colours):
    """Wait until the images of other views have these colours."""
    wanted = json.dumps(colours, separators=(",", ":"))
    page.wait_for_function(f"(wanted) => JSON.stringify(({UNITS})()) === wanted", arg=wanted)


def moments(page):
    return page.locator("#views summary").all_inner_texts()


@pytest.fixture
def viewed(painted):
    """A run of epochs 1, 4 and 8: channels at 1 and 8, their exemplars and another view at 4 and 8."""
    own = {0: ("frog 0", "gradient", SQUARE), 1: ("frog 1", "gradient", SQUARE), 2: ("frog 0", EVIL, SQUARE)}
    views = {"channels": ((1, 8), CHANNELS), "exemplars": ((4, 8), EXEMPLARS), "own": ((4, 8), own)}
    return add_views(painted(0, {1: 0.25, 4: 0.5, 8: 0.9}), views)


def channels(epoch, of_exemplars):
    """Each channel with its exemplars under it."""
    pairs = [(shade(0, epoch, unit), shade(1, of_exemplars, unit) if of_exemplars else [0] * 4) for unit in CHANNELS]
    return [colour for pair in pairs for colour in pair]


def test_units_are_in_rows_by_group_and_follow_the_slider(visit, viewed):
    page = visit(viewed)
    units_show(page, *channels(8, 8), *(shade(2, 8, unit) for unit in range(3)))
    assert moments(page) == ["channels and exemplars epoch 8 · 90.0 %", "own epoch 8 · 90.0 %"]
    assert page.locator("#views .rowname").all_text_contents() == ["conv1", "conv2", "gradient", EVIL]
    assert page.locator("#views figcaption").all_inner_texts()[2:4] == ["3\nerror 1, z 1", "frog 0\nerror 1, z 1"]
    assert page.locator("img").count() == 0
    page.keyboard.press("ArrowLeft")
    units_show(page, *channels(1, 4), *(shade(2, 4, unit) for unit in range(3)))
    assert moments(page) == [
        "channels and exemplars epoch 1 · 25.0 % (not drawn at epoch 4); exemplars: epoch 4 · 50.0 %",
        "own epoch 4 · 50.0 %",
    ]
    page.keyboard.press("Home")
    units_show(page, *channels(1, None), *[[0] * 4] * 3)
    assert moments(page) == [
        "channels and exemplars epoch 1 · 25.0 %; exemplars: first drawn at epoch 4",
        "own first drawn at epoch 4",
    ]
    choose(page, "accuracy")
    page.keyboard.press("End")
    units_show(page, *channels(8, 8), *(shade(2, 8, unit) for unit in range(3)))


def test_an_image_opens_large_with_its_numbers(visit, viewed):
    page = visit(viewed)
    page.locator("#views button").nth(1).click()
    assert page.inner_text("#unitname") == "conv1 4"
    assert page.inner_text("#unitwhich") == "snapshot 2 of 2"
    assert page.locator("#unitimages figcaption").all_inner_texts() == [
        "channels · error 1, z 1",
        "exemplars · error 1, z 1",
    ]
    sizes = page.locator("#unitimages canvas").evaluate_all("(all) => all.map((one) => [one.width, one.height])")
    assert sizes == [[16, 16], [24, 12]]
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#unitwhich") == "snapshot 1 of 2"
    assert page.locator("#unitimages figcaption").first.inner_text() == "channels · error 0.125, z 1"
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#unitname") == "conv2 3"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_exemplars_of_other_units_have_a_part_of_their_own(visit, painted):
    more = {**EXEMPLARS, 95: ("conv9 1", "conv9", SQUARE)}
    page = visit(add_views(painted(0, {1: 0.5}), {"channels": ((1,), CHANNELS), "exemplars": ((1,), more)}))
    assert moments(page) == ["channels epoch 1 · 50.0 %", "exemplars epoch 1 · 50.0 %"]
    units_show(page, *(shade(0, 1, unit) for unit in CHANNELS), *(shade(1, 1, unit) for unit in more))


def test_the_run_of_other_views_can_be_chosen(visit, painted):
    runs = [
        add_views(painted(number, {1: 0.5}), {"own": ((1,), {0: (f"of {number}", "", SQUARE)})}) for number in (0, 1)
    ]
    page = visit(*runs, painted(2, {1: 0.5}), width=390)
    assert page.locator("#viewed option").all_text_contents() == ["init=0", "init=1"]
    assert page.inner_text("#views .class") == "of 0"
    page.select_option("#viewed", "1")
    assert page.inner_text("#views .class") == "of 1"
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_snapshot_of_other_views_alone_shows_the_earlier_classes(visit, painted):
    """In every layout, and by accuracy."""
    run = painted(0, {1: 0.25, 4: 0.5, 8: 0.9})
    page = visit(add_views(run, {"channels": ((4, 8), CHANNELS)}, without_classes=(4,)))
    choose(page, "rows")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#now") == "epoch 4"
    shows(page, *at(1))
    assert page.inner_text("#gallery .moment") == "epoch 1 · 25.0 %"
    assert page.locator("#gallery .missing, #gallery .error").count() == 0
    units_show(page, *(shade(0, 4, unit) for unit in CHANNELS))
    page.locator("#gallery button").first.click()
    assert page.inner_text("#which") == "snapshot 1 of 2"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#which") == "snapshot 2 of 2"
    assert "epoch 8" in page.inner_text("#facts .head")
    page.keyboard.press("Escape")
    choose(page, "film")
    assert page.locator("#gallery .head .moment").all_inner_texts() == ["epoch 1 · 25.0 %", "epoch 8 · 90.0 %"]
    choose(page, "rows")
    choose(page, "accuracy")
    page.keyboard.press("Home")
    shows(page, *at(1))
    page.keyboard.press("ArrowRight")
    shows(page, *at(8))  # the first of at least 50 %


def test_a_record_of_other_views_alone_is_a_page(visit, painted):
    run = painted(0, {1: 0.25, 4: 0.5})
    page = visit(add_views(run, {"channels": ((1, 4), CHANNELS)}, without_classes=(1, 4)))
    units_show(page, *(shade(0, 4, unit) for unit in CHANNELS))
    assert "class" not in page.inner_text("#about")
    heads = page.locator("#record th").all_text_contents()
    assert heads == ["Epoch", "Validation accuracy", "Validation loss", "Seconds", "Trigger"]
    assert page.locator("#record td").count() == 2 * len(heads)
    assert page.locator("#gallery, #layout").locator("visible=true").count() == 0
    views, curves = (page.locator(name).bounding_box() for name in ("#views", "#charts"))
    assert views["y"] == pytest.approx(curves["y"], abs=5), "beside the curves, in place of the classes"
    page.keyboard.press("b")
    page.keyboard.press("Home")
    units_show(page, *(shade(0, 1, unit) for unit in CHANNELS))


def test_a_record_without_images_states_it(visit, painted):
    page = visit(painted(0, {1: 0.25}, change=lambda entries: entries[0].update(renders=[], error="out of memory")))
    assert page.inner_text("#gallery") == "No class was drawn."


def test_layers_are_a_map_that_follows_the_slider(visit, painted):
    run = painted(0, {1: 0.25, 4: 0.5, 8: 0.9})
    rows = [[0.99, 0.995, 1.0], [0.42, None, 1.0]]
    folders = ["epoch=001", "epoch=002", "epoch=003"]
    found = {"layers": ["conv1_1", EVIL], "folders": folders, "epochs": [1, 4, 8], "to_end": rows}
    (run / "evolution" / "layers.json").write_text(json.dumps(found))
    page = visit(run, painted(1, {1: 0.5}))
    assert page.locator("#settled figure").count() == 1
    titles = page.locator("#settled rect title").all_text_contents()
    assert titles[0] == "conv1_1, epoch 1: similarity to the end 0.990"
    assert titles[3] == f"{EVIL}, epoch 1: similarity to the end 0.420"
    assert len(titles) == 5
    assert "light 0.4, dark 1" in page.inner_text("#settled figcaption")
    depths = page.locator("#settled rect[style]").evaluate_all("(all) => all.map((one) => one.style.fill)")
    assert len(set(depths)) == 4
    frame = "() => document.querySelector('#settled rect.frame').getBoundingClientRect().left"
    last = page.evaluate(frame)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(frame) < last
    assert page.locator("img").count() == 0


def test_a_record_without_them_has_neither(visit, painted):
    page = visit(painted(0, {1: 0.25}))
    assert page.is_hidden("#others")
    assert page.is_hidden("#layers")
