"""The layouts of images in a real Chromium: rows, quadrants, blinking, film, runs, classes, on a phone."""

import pytest

from tests.page.parts import at, choose, shows, stop_clock, tone


def test_quadrants_are_clockwise(visit, two):
    page = visit(*two)
    choose(page, "panels")
    shows(page, *[tone(run, epoch, unit) for run, epoch in ((0, 8), (1, 4)) for unit in (0, 1, 3, 2)])
    boxes = [page.locator("#gallery canvas").nth(k).bounding_box() for k in range(4)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"] == boxes[3]["y"]
    assert boxes[0]["x"] == boxes[2]["x"] < boxes[1]["x"] == boxes[3]["x"]
    names = page.locator("#gallery .class").all_inner_texts()
    assert names[:4] == ["tree frog", "flamingo", "hamburger", "pool table"]


def test_blinking_puts_another_run_into_the_same_place(visit, two):
    page = visit(*two)
    page.keyboard.press("b")
    first = [tone(0, 8, unit) for unit in (0, 1, 3, 2)]
    second = [tone(1, 4, unit) for unit in (0, 1, 3, 2)]
    shows(page, *first)
    place = page.locator("#gallery canvas").first.bounding_box()
    page.locator("#layout input:checked").blur()
    page.keyboard.press("b")
    shows(page, *second)
    assert page.locator("#gallery .head strong").inner_text() == "init=1"
    assert page.locator("#gallery canvas").first.bounding_box() == place
    page.click("#blink")
    shows(page, *first)
    stop_clock(page)
    page.check("#automatic")
    page.clock.run_for(900)
    shows(page, *second)
    page.clock.run_for(900)
    shows(page, *first)
    page.uncheck("#automatic")
    page.clock.run_for(900)
    shows(page, *first)
    page.select_option("#first", "1")
    shows(page, *second)
    choose(page, "rows")
    assert page.is_hidden("#pair")


def test_the_film_is_every_snapshot_of_a_run(visit, two):
    page = visit(*two)
    choose(page, "film")
    shows(page, *[tone(0, epoch, unit) for unit in range(4) for epoch in (1, 4, 8)])
    assert page.locator("button.current").count() == 4
    page.click("#previous")
    assert page.locator(".head.current").inner_text().split("\n")[-1] == "epoch 4 · 50.0 %"
    page.select_option("#filmed", "1")
    shows(page, *[tone(1, epoch, unit) for unit in range(4) for epoch in (2, 4)])


def test_a_long_film_is_thinned_and_the_page_states_it(visit, painted):
    page = visit(painted(0, dict.fromkeys(range(1, 81), 0.5), classes=["red"]))
    choose(page, "film")
    assert page.locator("#gallery canvas").count() == 40
    assert page.inner_text("#gallery .note").startswith("40 of 80 snapshots, evenly spread")
    assert page.locator(".head.current").inner_text() == "epoch 80 · 50.0 %"
    page.click("#previous")
    assert page.locator(".head.current").inner_text() == "epoch 78 · 50.0 %"
    page.keyboard.press("Home")
    assert page.locator(".head.current").inner_text() == "epoch 1 · 50.0 %"


def test_a_step_paints_only_changed_images(visit, two):
    page = visit(*two)
    page.evaluate("""() => {
        window.painted = 0;
        const of = CanvasRenderingContext2D.prototype;
        const whole = of.drawImage;
        of.drawImage = function (...given) { window.painted += 1; whole.apply(this, given); };
    }""")
    page.click("#previous")
    page.wait_for_function("() => window.painted === 4")
    choose(page, "film")
    page.wait_for_function("() => window.painted === 16")
    page.click("#previous")
    shows(page, *[tone(0, epoch, unit) for unit in range(4) for epoch in (1, 4, 8)])
    assert page.evaluate("window.painted") == 16


def test_runs_can_be_hidden_and_shown_again(visit, two):
    page = visit(*two)
    page.uncheck("#chips input >> nth=0")
    shows(page, *[tone(1, 4, unit) for unit in range(4)])
    assert page.inner_text("#now") == "epoch 4"
    assert "faint" in page.locator(".chart [data-run='0']").first.get_attribute("class")
    page.click("#none")
    assert page.inner_text("#gallery") == "No run is chosen."
    page.click("#all")
    shows(page, *at(8, 4))
    page.hover(".chip >> nth=1")
    assert page.locator(".chart [data-run].dim").first.get_attribute("data-run") == "0"


def test_of_many_runs_eight_are_shown_first(visit, painted):
    page = visit(*[painted(number, {1: 0.5}, classes=["red"]) for number in range(11)])
    assert page.locator("#gallery canvas").count() == 8
    assert page.locator("#chips input:checked").count() == 8
    page.click("#all")
    assert page.locator("#gallery canvas").count() == 11
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_many_classes_are_found_and_paged(visit, painted):
    names = [f"Species {number}" for number in range(100)]
    page = visit(painted(0, {1: 0.5}, classes=names))
    assert page.locator("#gallery canvas").count() == 48
    assert page.inner_text("#page") == "1–48 of 100"
    page.click("#later")
    page.click("#later")
    assert page.inner_text("#page") == "97–100 of 100"
    assert page.get_attribute("#later", "aria-disabled") == "true"
    assert page.locator("#gallery .class").all_inner_texts() == names[96:]
    page.click("#earlier")
    page.fill("#search", "SPECIES 9")
    assert page.locator("#gallery .class").all_inner_texts() == ["Species 9", *names[90:]]
    page.keyboard.press("b")
    assert page.input_value("#search") == "SPECIES 9b"
    assert page.inner_text("#gallery") == "No class has this name."


def test_runs_of_other_classes_are_side_by_side(visit, painted):
    page = visit(painted(0, {1: 0.5}, classes=["a", "b"]), painted(1, {1: 0.5}, classes=["b", "c"]))
    none = [0, 0, 0, 0]
    shows(page, tone(0, 1, 0), none, tone(0, 1, 1), tone(1, 1, 0), none, tone(1, 1, 1))
    assert page.locator("#gallery .none").count() == 2
    assert page.locator("#gallery .missing").count() == 0
    choose(page, "panels")
    shows(page, tone(0, 1, 0), tone(0, 1, 1), tone(1, 1, 0), tone(1, 1, 1))


@pytest.mark.parametrize("layout", ["rows", "panels", "blink", "film"])
def test_a_phone_shows_it_without_sideways_scrolling(visit, two, painted, layout):
    long = painted(2, dict.fromkeys(range(1, 8), 0.5), classes=["a_name_without_a_place_to_break_it_" * 2, *"bcd"])
    page = visit(*two, long, width=360, height=740, has_touch=True, is_mobile=True)
    choose(page, layout)
    if layout == "film":
        page.select_option("#filmed", "2")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    widths = "() => [...document.querySelectorAll('#gallery canvas')].map((canvas) => canvas.clientWidth)"
    assert min(page.evaluate(widths)) >= 60
    page.locator("#gallery button").first.tap()
    assert page.locator("#large canvas").bounding_box()["width"] <= 360
    page.tap("#large .close")
    page.tap("#previous")
    assert page.inner_text("#now") != "epoch 8"
