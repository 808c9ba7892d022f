"""The live page in a browser: records grow while it is open, and nothing that the user chose changes."""

from __future__ import annotations

import json
import shutil
import threading

import pytest

from featevo.page.live import LivePage
from featevo.page.server import PageServer
from tests.page.parts import at, choose, heard, shows, tone
from tests.page.views import SQUARE, add_views

BROKEN = 502
"""A status of answers that the server itself never gives."""

EPOCHS = {1: 0.25, 2: 0.3, 4: 0.5, 8: 0.9}


class Growing:
    """A run whose snapshots are recorded one after the other, as training does: images first, then a line."""

    def __init__(self, whole, folder):
        self.whole, self.folder = whole, folder
        self.left = (whole / "evolution/index.jsonl").read_text().splitlines(keepends=True)
        (folder / "evolution").mkdir(parents=True)
        if (whole / "evolution/real").is_dir():
            shutil.copytree(whole / "evolution/real", folder / "evolution/real")

    def begin(self):
        shutil.copy(self.whole / "run.json", self.folder)

    def grow(self, count=1):
        for _ in range(count):
            line = self.left.pop(0)
            place = f"evolution/{json.loads(line)['folder']}"
            shutil.copytree(self.whole / place, self.folder / place)
            with (self.folder / "evolution/index.jsonl").open("a") as index:
                index.write(line)
        return self


@pytest.fixture
def growing(painted, tmp_path):
    def make(number, epochs=EPOCHS, **options):
        return Growing(painted(number, epochs, **options), tmp_path / f"growing{number}")

    return make


@pytest.fixture
def watch(browser, monkeypatch):
    """Open the live page of some folders; fails for console messages, errors and requests elsewhere."""
    monkeypatch.setattr("featevo.page.live.APART", 0)
    contexts, servers = [], []
    messages: list[str] = []
    requests: list[str] = []

    def open_page(*folders, **options):
        server = PageServer(LivePage(folders), 0)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        page = heard(context.new_page(), messages, requests)
        page.set_default_timeout(10_000)
        # It looks ten times as often as for a user.
        page.add_init_script("const slow = setTimeout; window.setTimeout = (act, time) => slow(act, time / 10)")
        page.goto(server.url)
        page.evaluate("window.kept = 'the same page'")
        return page

    yield open_page
    for context in contexts:
        context.close()
    for server in servers:
        server.shutdown()
        server.server_close()
    assert [message for message in messages if f"status of {BROKEN}" not in message] == []  # the browser's own
    own = tuple(server.url for server in servers)
    assert all(url in own or url.startswith("data:") for url in requests)


QUADRANTS = (0, 1, 3, 2)


def reads(page, name, words):
    """Wait until an element has some words."""
    page.wait_for_function(
        "([id, words]) => document.getElementById(id).textContent.includes(words)", arg=[name, words]
    )


def has(page, *, epochs):
    """Wait until the slider has a number of stops; the page was not loaded again."""
    page.wait_for_function("(count) => document.querySelectorAll('#ticks i').length === count", arg=epochs)
    assert page.evaluate("window.kept") == "the same page"


def test_the_slider_at_the_end_follows_and_elsewhere_stays(watch, growing):
    run = growing(0).grow(2)
    page = watch(run.folder)
    assert page.inner_text("#now") == "epoch 2"
    page.mouse.wheel(0, 100)
    page.wait_for_function("() => scrollY === 100")
    run.grow()
    has(page, epochs=3)
    assert page.evaluate("scrollY") == 100
    assert page.inner_text("#now") == "epoch 4"
    shows(page, *(tone(0, 4, unit) for unit in QUADRANTS))
    assert "3 snapshots" in page.inner_text(".lead")
    page.keyboard.press("Home")
    run.grow()
    has(page, epochs=4)
    assert page.inner_text("#now") == "epoch 1"
    shows(page, *(tone(0, 1, unit) for unit in QUADRANTS))
    page.keyboard.press("End")
    assert page.inner_text("#now") == "epoch 8"


def test_the_slider_stays_at_a_snapshot_whose_time_moves(watch, growing):
    def in_one_epoch(entries):
        for entry in entries[1:]:
            entry["epoch"] = 2

    run = growing(0, dict.fromkeys(range(1, 6), 0.5), change=in_one_epoch).grow(4)
    page = watch(run.folder)
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#now") == "epoch 2, step 150"
    run.grow()  # moves the two before to the left, and the third of them nearer to where the slider was
    has(page, epochs=5)
    assert page.inner_text("#now") == "epoch 2, step 150"


def test_it_waits_for_the_first_snapshot_and_keeps_what_it_showed(watch, growing):
    run = growing(0)
    page = watch(run.folder)
    assert "has neither evolution/index.jsonl" in page.inner_text("#live")
    run.begin()
    reads(page, "live", "has no images")
    run.grow()
    shows(page, *(tone(0, 1, unit) for unit in QUADRANTS))
    assert page.inner_text("#live") == "Live: new snapshots appear by themselves."
    page.evaluate("window.kept = 'the same page'")
    index = run.folder / "evolution/index.jsonl"
    whole = index.read_text()
    index.write_text("{\n" + whole)
    reads(page, "live", "each line must be one snapshot")
    shows(page, *(tone(0, 1, unit) for unit in QUADRANTS))
    index.write_text(whole + '{"epoch": 9, "st')
    reads(page, "live", "Live")
    index.write_text(whole)
    run.grow()
    has(page, epochs=2)


def test_the_dialog_stays_at_its_image(watch, growing):
    run = growing(0, real=4).grow(2)
    page = watch(run.folder)
    page.click("#gallery figure:not(.real) button >> nth=1")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#which") == "snapshot 1 of 2"
    page.click("#facts summary")
    run.grow()
    reads(page, "which", "snapshot 1 of 3")
    dialog = page.locator("#large")
    assert dialog.is_visible()
    assert dialog.locator("h2").inner_text() == "flamingo"
    assert "epoch 1 " in dialog.inner_text()
    assert dialog.locator("details").get_attribute("open") is not None
    dialog.locator("h2").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#which") == "snapshot 3 of 3"
    page.keyboard.press("Escape")
    has(page, epochs=3)
    assert page.inner_text("#now") == "epoch 4"


def test_an_image_of_another_view_stays_open_and_a_folded_view_folded(watch, painted, tmp_path):
    units = {3: ("conv1 3", "conv1", SQUARE), 4: ("conv1 4", "conv1", SQUARE)}
    whole = add_views(painted(0, EPOCHS), {"channels": ((1, 2, 4, 8), units), "filters": ((1, 2, 4, 8), units)})
    run = Growing(whole, tmp_path / "growing").grow(2)
    page = watch(run.folder)
    page.click("#views summary >> nth=1")
    page.click("#views button >> nth=1")
    run.grow()
    reads(page, "unitwhich", "snapshot 2 of 3")
    assert page.inner_text("#unitname") == "conv1 4"
    page.keyboard.press("Escape")
    folded = [page.locator("#views > details").nth(k).get_attribute("open") is None for k in (0, 1)]
    assert folded == [False, True]


def test_choices_stay(watch, growing):
    run = growing(0, real=4, change=with_measures).grow(3)
    page = watch(run.folder)
    choose(page, "film")
    page.uncheck("#real")
    page.select_option("#speed", "0.5")
    page.click("#measures summary")
    page.uncheck("#measures input >> nth=0")
    page.click("#record summary")
    page.focus("#gallery button >> nth=4")  # of the second class, in the second of three columns
    held = page.evaluate("document.activeElement.firstChild.getAttribute('aria-label')")
    run.grow()
    has(page, epochs=4)
    assert page.locator("#gallery .head").count() == 4
    assert page.locator("#real").is_checked() is False
    assert page.locator(".chart").count() == 2
    assert page.locator("#measures").get_attribute("open") is not None
    assert page.locator("#record details").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.firstChild.getAttribute('aria-label')") == held


def test_two_runs_in_one_picture_stay_so(watch, growing):
    """The way to compare them, the edge, and the focus on it."""
    still, run = growing(1, {1: 0.5}).grow(), growing(0).grow()
    page = watch(run.folder, still.folder)
    choose(page, "blink")
    choose(page, "swipe")
    page.focus("#edge")
    page.keyboard.press("Home")
    run.grow()
    has(page, epochs=2)
    shows(page, *(tone(number, epoch, unit) for unit in QUADRANTS for number, epoch in ((0, 2), (1, 1))))
    assert page.input_value("#edge") == "0"
    assert page.evaluate("document.activeElement.id") == "edge"
    choose(page, "difference")
    run.grow()
    has(page, epochs=3)
    shows(page, *([120, 120, 0, 255] for _ in QUADRANTS))  # twice that of epochs 4 and 1


def with_measures(entries):
    for entry in entries:
        entry["measures"] = {"picture/contrast": 0.25}


def test_playing_goes_on(watch, growing):
    run = growing(0).grow(3)
    page = watch(run.folder)
    page.select_option("#speed", "0.5")
    page.locator("#speed").blur()
    page.keyboard.press(" ")
    assert page.inner_text("#now") == "epoch 1"
    run.grow()
    has(page, epochs=4)
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.select_option("#speed", "4")
    reads(page, "now", "epoch 8")
    page.wait_for_selector("#play[aria-label=Play]")


def test_runs_side_by_side_and_one_that_begins_later(watch, growing):
    first, second = growing(0), growing(1)
    second.grow(2)
    page = watch(first.folder, second.folder)
    assert page.locator(".note", has_text="Left out").count() == 1
    page.keyboard.press("Home")
    first.grow(3)
    has(page, epochs=3)
    assert page.locator(".note", has_text="Left out").count() == 0
    assert page.inner_text("#now") == "epoch 1"
    assert page.locator(".panels .head strong").all_inner_texts() == ["growing0", "growing1"]
    assert page.is_checked("[value=panels]")
    choose(page, "rows")
    shows(page, *at(1, 1))
    page.uncheck("#chips input >> nth=0")
    second.grow()
    has(page, epochs=3)
    reads(page, "about", "6 snapshots")
    assert [page.is_checked(f"#chips input >> nth={k}") for k in (0, 1)] == [False, True]


def test_a_server_that_ended_is_stated(watch, growing):
    run = growing(0).grow(2)
    page = watch(run.folder)
    page.route("**/*", lambda route: route.fulfill(status=BROKEN, body=""))
    reads(page, "live", "Not live")
    page.unroute("**/*")
    run.grow()
    has(page, epochs=3)
    assert page.inner_text("#live").startswith("Live")
