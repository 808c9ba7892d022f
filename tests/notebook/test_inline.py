"""The page inside a notebook: complete, without effect on what is around it, and small enough."""

import numpy as np
import pytest
from PIL import Image

from featevo.notebook import inline
from tests.notebook.parts import one, several

pytestmark = pytest.mark.heavy  # a browser

HOST = (
    "<!doctype html><meta charset=utf-8><style>h1 {{ color: rgb(1, 2, 3) }}</style><h1>Notebook</h1>{}<p>Next cell</p>"
)
HOSTILE = "</iframe><script>document.title = 'broken'</script>' onload='document.title = 1"


@pytest.fixture
def shown(browser, tmp_path):
    """Show HTML in a page like a notebook: its frame, and the page; nothing may be requested or logged."""
    messages, requests = [], []
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))

    def show(content):
        host = tmp_path / "host.html"
        host.write_text(HOST.format(content), encoding="utf-8")
        page.goto(host.as_uri())
        frame = page.frames[-1]
        frame.wait_for_selector("#gallery > *")
        return frame, page

    yield show
    page.close()
    assert messages == []
    assert all(url.startswith(("file://", "data:image/webp", "about:srcdoc")) for url in requests)


def test_the_slider_moves_in_the_frame(shown, make_run):
    frame, _ = shown(one(make_run())._repr_html_())
    assert frame.inner_text("#now") == "epoch 3"
    frame.click("#previous")
    assert frame.inner_text("#now") == "epoch 2"
    assert frame.locator("#gallery canvas").count() == 4


def test_nothing_leaks_into_the_notebook(shown, make_run):
    frame, page = shown(one(make_run(classes=(HOSTILE, "b")))._repr_html_())
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(1, 2, 3)"
    assert page.evaluate("document.querySelectorAll('script, canvas').length") == 0
    assert page.evaluate("document.querySelectorAll('iframe').length") == 1
    assert page.title() == ""
    assert page.evaluate("document.querySelector('p').textContent") == "Next cell"
    assert HOSTILE in frame.locator("#gallery").inner_text()
    reached = "() => { try { return String(window.parent.document) } catch (error) { return error.name } }"
    assert frame.evaluate(reached) == "SecurityError"


def test_a_sweep_shows_all_runs(shown, sweep):
    frame, _ = shown(several(sweep)._repr_html_())
    assert frame.locator("#gallery canvas").count() == 8
    assert frame.inner_text("h1") == "study"


def test_a_large_record_is_thinned(make_run, monkeypatch):
    folder = make_run(accuracies=[0.5] * 12, size=64)
    rng = np.random.default_rng(0)
    for file in folder.rglob("*.png"):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
    run = one(folder)
    whole = len(run._repr_html_())
    assert whole < inline.MOST_BYTES + 200_000
    monkeypatch.setattr(inline, "MOST_BYTES", 100_000)
    page = run._repr_html_()
    assert len(page) < whole - 300_000
    assert "of 12 snapshots, evenly spread over training" in page
