"""The page as a file: well formed, self-contained, without markup from records, and stating what is left out."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from featevo.page import thinning
from featevo.page.gather import gather
from featevo.page.page import FOLDER, LIVE_SCRIPTS, STYLES, WAITING_SCRIPTS, page


class Markup(HTMLParser):
    """The tags of a page; checks that they are closed in order."""

    VOID = ("meta", "input")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" not in self.open:
            self.text.append(data)

    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text))


def of(*folders):
    return page(gather(folders))


def test_it_is_well_formed_and_needs_no_network(make_run):
    text = of(make_run())
    markup = Markup(text)
    assert markup.open == []
    assert not re.search(r"@import|url\(", text)
    names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}  # of kinds of elements; never requested
    assert set(re.findall(r"https?:[^\"]+", text)) == names
    policy = next(
        attrs["content"] for tag, attrs in markup.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert [attrs.get("src") or attrs.get("href") for _, attrs in markup.tags if {"src", "href"} & set(attrs)] == []


def test_names_cannot_become_markup(make_run):
    evil = "</script><!--<script>alert(1)</script>\"'&\u2028"
    run = make_run(classes=[evil, "flamingo"], change=lambda entries: entries[0].update(provenance={"a": "</pre><b>"}))
    (run / "run.json").write_text(json.dumps({"name": evil, "error": "<b>", "status": "failed"}))
    text = of(run)
    markup = Markup(text)
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "<!--" not in text
    assert [tag for tag, _ in markup.tags].count("script") == 2
    content = re.search(r'id="content">(.*?)</script>', text, re.DOTALL)
    assert content is not None
    assert json.loads(content[1])["classes"] == [evil, "flamingo"]


def test_the_record_is_on_the_page_without_scripts(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory"))
    words = Markup(of(run)).words()
    assert "1 run, 4 classes, 3 snapshots" in words
    assert "scenes finished, best validation accuracy 97.5 %, 93 s" in words
    assert "2 64.0 % 1.500 5.0 0.50 2.3 not drawn: out of memory" in words
    assert '"best_epoch": 3' in words
    assert "PNG files in each run's folder evolution/" in words


@pytest.mark.parametrize(
    ("run", "stated"),
    [
        ({"status": "failed", "error": "ValueError: no"}, "scenes failed Error: ValueError: no"),
        ({"status": "running", "seconds": 0.0, "host": "another", "process": 1}, "scenes running Epoch"),
        ({"status": "running", "process": 0x7FFFFFFF}, "failed Error: killed: process 2147483647 is gone"),
        (None, "scenes unknown"),
    ],
)
def test_the_status_of_the_run_is_stated(make_run, run, stated):
    folder = make_run()
    (folder / "run.json").unlink() if run is None else (folder / "run.json").write_text(json.dumps(run))
    words = Markup(of(folder)).words()
    assert stated in words
    assert '"process"' not in words


def test_omitted_parts_are_stated(make_run, tmp_path, monkeypatch):
    many = make_run(accuracies=[0.1] * 30, classes=["a", "b", "c"])
    assert "Shows" not in Markup(of(many)).words()
    monkeypatch.setattr(thinning, "MOST_SNAPSHOTS", 20)
    words = Markup(of(many, tmp_path)).words()
    assert "Shows 20 of 30 snapshots, evenly spread over training; all are in scenes/evolution." in words
    assert f"Left out: {tmp_path}: neither a run folder nor a sweep's" in words
    monkeypatch.setattr(thinning, "SMALL", 1)
    monkeypatch.setattr(thinning, "LARGE", 1)
    words = Markup(of(many, make_run("other"))).words()
    assert "Shows 4 of 33 snapshots, evenly spread over training; all are in each run's folder evolution/." in words
    assert "Shows 1 of 7 classes;" in words
    assert "Images are WebP of quality 75 to keep the page small; without loss: each run's folder" in words


def test_every_script_and_style_is_in_the_page():
    assert {*LIVE_SCRIPTS, *WAITING_SCRIPTS} == {path.name for path in FOLDER.glob("*.js")}
    assert set(STYLES) == {path.name for path in FOLDER.glob("*.css")}
