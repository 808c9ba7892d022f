"""The slider in a real Chromium: moved by pointer, key, curve and playing, by epoch and by accuracy."""

import io

import numpy as np
from PIL import Image

from tests.page.parts import at, choose, shows, stop_clock, tone


def test_it_opens_with_the_last_images(visit, two):
    page = visit(*two)
    shows(page, *at(8, 4))
    assert page.inner_text("#now") == "epoch 8"
    assert page.inner_text("h1") == "2 runs"
    assert page.locator(".head .moment").all_inner_texts() == ["epoch 8 · 90.0 %", "epoch 4 · 60.0 %"]
    label = "Render of flamingo, init=1, epoch 4, 60.0 %"
    assert page.locator("#gallery canvas").nth(3).get_attribute("aria-label") == label
    pixels = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_each_run_shows_its_latest_snapshot_of_the_epoch(visit, two):
    page = visit(*two)
    for key, text, moments in [
        ("Home", "epoch 1", (1, 0)),
        ("ArrowRight", "epoch 2", (1, 2)),
        ("ArrowRight", "epoch 4", (4, 4)),
        ("ArrowLeft", "epoch 2", (1, 2)),
        ("End", "epoch 8", (8, 4)),
    ]:
        page.keyboard.press(key)
        assert page.inner_text("#now") == text
        shows(page, *at(*moments))
    page.keyboard.press("Home")
    assert page.locator(".head .moment").nth(1).inner_text() == "first drawn at epoch 2"
    assert page.get_attribute("#previous", "aria-disabled") == "true"
    page.click("#next")
    page.click("#next")
    page.click("#previous")
    shows(page, *at(1, 2))


def test_the_slider_stops_only_at_snapshots(visit, two):
    page = visit(*two)
    page.fill("#slider", "5.5")
    assert page.input_value("#slider") == "4"
    shows(page, *at(4, 4))
    page.fill("#slider", "4.5")
    assert page.input_value("#slider") == "4"
    page.focus("#slider")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#now") == "epoch 2"
    assert page.get_attribute("#slider", "aria-valuetext") == "epoch 2"
    assert page.locator("#ticks i").count() == 4


def test_every_key_of_a_slider_moves_one_stop(visit, two):
    page = visit(*two)
    page.focus("#slider")
    for key, text in [
        ("PageDown", "epoch 4"),
        ("ArrowDown", "epoch 2"),
        ("ArrowDown", "epoch 1"),
        ("ArrowUp", "epoch 2"),
        ("PageUp", "epoch 4"),
    ]:
        page.keyboard.press(key)
        assert page.inner_text("#now") == text


def test_a_moment_has_the_name_that_fits_all_runs(visit, painted):
    def twice(entries):
        entries[0]["epoch"] = 3

    page = visit(painted(0, {1: 0.25, 3: 0.5}), painted(1, {1: 0.25, 3: 0.5}, change=twice))
    assert page.inner_text("#now") == "epoch 3"
    page.uncheck("#chips input >> nth=0")
    assert page.inner_text("#now") == "epoch 3, step 100"


def test_by_accuracy_each_run_shows_the_first_that_reaches_it(visit, two):
    page = visit(*two)
    choose(page, "accuracy")
    assert page.inner_text("#now") == "90.0 %"
    shows(page, *at(8, 4))
    assert page.locator(".head .moment").all_inner_texts() == ["epoch 8 · 90.0 %", "epoch 4 · 60.0 % (its best)"]
    assert "first snapshot at this validation accuracy" in page.inner_text("#meaning")
    for text, moments in [("60.0 %", (8, 4)), ("50.0 %", (4, 4)), ("30.0 %", (4, 2)), ("25.0 %", (1, 2))]:
        page.keyboard.press("ArrowLeft")
        assert page.inner_text("#now") == text
        shows(page, *at(*moments))
    choose(page, "epoch")
    assert page.inner_text("#now") == "epoch 1"


def test_by_accuracy_only_improvements_are_stops(visit, painted):
    page = visit(painted(0, {1: 0.5, 2: 0.25, 3: 0.75, 4: 0.625}))
    choose(page, "accuracy")
    assert page.locator("#ticks i").count() == 2
    page.keyboard.press("Home")
    assert page.inner_text("#now") == "50.0 %"
    shows(page, *(tone(0, 1, unit) for unit in (0, 1, 3, 2)))


def test_it_plays_from_the_start_to_the_end(visit, two):
    page = visit(*two)
    stop_clock(page)
    page.select_option("#speed", "4")
    page.click("#play")
    for epoch in (1, 2, 4, 8):
        assert page.get_attribute("#play", "aria-label") == "Pause"
        assert page.inner_text("#now") == f"epoch {epoch}"
        page.clock.run_for(200)
    assert page.get_attribute("#play", "aria-label") == "Play"
    assert page.inner_text("#now") == "epoch 8"


def test_space_plays_and_moving_the_slider_stops(visit, two):
    page = visit(*two)
    stop_clock(page)
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.locator("#gallery button").first.focus()
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#play", "aria-label") == "Play"


def test_a_click_or_drag_on_a_curve_moves_the_slider(visit, two):
    (two[0] / "metrics.csv").write_text(
        "epoch,val_acc,train_acc,val_loss\n" + "".join(f"{e},{e / 10},0.5,1\n" for e in range(1, 9))
    )
    page = visit(*two)
    chart = page.locator(".chart svg").first
    assert page.locator(".chart").count() == 2
    assert chart.locator("circle.drawn").count() == 5
    assert chart.locator("polyline.thin").first.get_attribute("points").count(",") == 8
    box = chart.locator("line.level").first.bounding_box()
    y = box["y"] - 20
    page.mouse.move(box["x"] + 3 / 7 * box["width"], y)
    page.mouse.down()
    assert page.inner_text("#now") == "epoch 4"
    assert chart.locator("circle.now").count() == 2
    page.mouse.move(box["x"] + 2, y)
    assert page.inner_text("#now") == "epoch 1"
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"], y)
    assert page.inner_text("#now") == "epoch 1"
    choose(page, "accuracy")
    page.mouse.click(box["x"] + box["width"], box["y"] - 40)
    assert page.inner_text("#now") == "90.0 %"
