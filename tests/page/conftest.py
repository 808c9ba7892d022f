"""A real Chromium, and runs with a different colour for each image."""

from __future__ import annotations

import json
import shutil

import pytest
from PIL import Image

from featevo.page.page import write_report
from tests.page.parts import CLASSES, heard, tone

QUIET = ("background-networking", "component-update", "sync", "gpu")


@pytest.fixture(scope="module")
def browser():
    """The machine's Chromium; without one, the tests that need it are skipped."""
    sync = pytest.importorskip("playwright.sync_api")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine: the page cannot be tested")
    with sync.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, tmp_path):
    """Open the page of some runs; fails for console messages, errors and requests other than for the file."""
    contexts = []
    messages: list[str] = []
    requests: list[str] = []

    def open_page(*folders, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = heard(context.new_page(), messages, requests)
        page.set_default_timeout(5000)
        page.goto(write_report(folders, tmp_path / "page.html").as_uri())
        page.wait_for_selector("main")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert messages == []
    assert all(url.startswith(("file://", "data:image/webp")) for url in requests)


@pytest.fixture
def painted(make_run):
    """Build a run of a number whose images have their `tone`; `epochs` has an accuracy for each epoch drawn."""

    def make(number, epochs, classes=CLASSES, change=lambda entries: None, real=0):
        def renumber(entries):
            for entry, epoch in zip(entries, epochs, strict=True):
                entry["epoch"] = epoch
            change(entries)

        run = make_run(f"run{number}", classes=classes, accuracies=list(epochs.values()), change=renumber, real=real)
        for line in (run / "evolution" / "index.jsonl").read_text().splitlines():
            entry = json.loads(line)
            for render in entry["renders"]:
                colour = tuple(tone(number, entry["epoch"], render["unit"])[:3])
                Image.new("RGB", (16, 16), colour).save(run / render["file"])
        (run / "run.json").write_text(json.dumps({"name": f"run{number}", "overrides": [f"init={number}"]}))
        return run

    return make


@pytest.fixture
def two(painted):
    """Two runs that improve at different epochs; the second is never as good as the first."""
    return painted(0, {1: 0.25, 4: 0.5, 8: 0.9}), painted(1, {2: 0.3, 4: 0.6})
