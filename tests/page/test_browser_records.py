"""Records of every kind in a real Chromium: hostile names, missing images, failures, no accuracies."""

import json

import numpy as np
from PIL import Image


def test_names_are_not_markup(visit, painted):
    evil = "<img src=x onerror=alert(1)>"
    end = "</script><!--<b>\u2028&amp;"
    run = painted(0, {1: 0.5}, classes=[evil, end], change=lambda entries: entries[0].update(provenance={evil: end}))
    (run / "run.json").write_text(json.dumps({"name": evil + end, "overrides": [evil]}))
    page = visit(run)
    assert page.text_content("h1") == evil + end
    assert page.locator("#gallery .class").all_text_contents() == [evil, end]
    assert page.locator("img, b").count() == 0
    page.locator("#gallery button").last.click()
    assert page.text_content("#name") == end
    assert page.locator("#large dt").text_content() == evil
    assert page.locator("#large dd").text_content() == end


def test_missing_images_are_crossed_and_failures_are_stated(visit, painted):
    run = painted(0, {1: 0.25, 4: 0.5}, change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    (run / "evolution" / "epoch=001" / "002.png").write_bytes(b"no image")
    page = visit(run)
    assert page.locator("#gallery .missing").count() == 4
    assert page.inner_text("#gallery .error") == "not drawn: out of memory"
    page.keyboard.press("Home")
    assert page.locator("#gallery .missing canvas").get_attribute("aria-label").startswith("No image of pool table")
    page.locator("#gallery .missing").click()
    assert page.locator("#large .frame.missing").count() == 1


def test_a_record_without_accuracies_is_a_page(visit, make_run):
    page = visit(make_run(accuracies=(None,)))
    assert page.locator("#axis [value=accuracy]").is_disabled()
    assert page.locator(".head .moment").inner_text() == "epoch 0 · before training"


def test_every_pixel_is_that_of_the_record(visit, painted):
    """Without loss, on the second sheet, across the rim between images."""
    run = painted(0, {1: 0.5}, classes=[f"class {unit}" for unit in range(60)])
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in range(60)]
    for unit, pixels in enumerate(noise):
        Image.fromarray(pixels).save(run / "evolution" / "epoch=001" / f"{unit:03d}.png")
    page = visit(run)
    page.click("#later")
    page.wait_for_function("() => document.querySelectorAll('#gallery canvas').length === 12")
    page.wait_for_function("() => [...document.querySelectorAll('#gallery canvas')].every((one) => one.width === 16)")
    read = "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 16, 16).data]"
    for place, unit in ((0, 48), (9, 57), (11, 59)):
        found = np.array(page.locator("#gallery canvas").nth(place).evaluate(read)).reshape(16, 16, 4)
        assert np.array_equal(found[..., :3], noise[unit])
