"""The documentation builds without a warning, and its pages load nothing from elsewhere."""

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site: wrong links, wrong anchors, pages outside the navigation and faulty docstrings are errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


class Loaded(HTMLParser):
    """Addresses of what a browser loads with a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        names = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
        self.found += [value for name, value in attributes if name == names.get(tag) and value]


def test_nothing_is_loaded_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.found or page.name in ("views.html", "init_mode.html")  # these two are whole in one file
        assert not [address for address in loaded.found if address.startswith(("http:", "https:", "//"))], page
    for sheet in site.rglob("*.css"):
        assert "url(http" not in sheet.read_text(encoding="utf-8").replace('"', "").replace("'", "")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("reference/callback", "Draws one render per class by activation maximization"),
        ("reference/visualize", 'id="featevo.visualize.maximize"'),
        ("reference/views", 'id="featevo.views.choose.planned_views"'),
        ("reference/record", 'id="featevo.record.reading.read_evolution"'),
        ("changelog", "0.1.0"),
        ("contributing", "Adding a part"),
    ],
)
def test_the_reference_and_included_files_are_there(site, page, text):
    assert text in (site / page / "index.html").read_text(encoding="utf-8")
