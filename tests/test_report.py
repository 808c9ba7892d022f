"""The page holds everything it shows, and nothing in a record can become part of its markup."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from PIL import Image

from featevo.errors import UserError
from featevo.report import main, write_report


class Page(HTMLParser):
    """The tags of a page, and whether each that was opened was closed in turn."""

    VOID = ("meta", "img", "input")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def of(self, tag, key="class", value=None):
        return [attrs for name, attrs in self.tags if name == tag and (value is None or attrs.get(key) == value)]


def test_every_picture_is_in_the_page_without_loss(make_run, colour):
    run = make_run()
    path = write_report([run])
    assert path == run / "report.html"
    images = Page(path.read_text()).of("img")

    assert len(images) == 12
    for number, image in enumerate(images):
        with Image.open(io.BytesIO(base64.b64decode(image["src"].split(",", 1)[1]))) as picture:
            assert picture.size == (16, 16)
            assert picture.convert("RGB").getpixel((8, 8)) == colour(number % 4)
    assert images[5]["alt"] == "What the network most wants to see as flamingo after epoch 2"


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(make_run):
    text = write_report([make_run()]).read_text()
    page = Page(text)

    assert page.open == []
    assert not re.search(r"https?:|@import|url\(", text)
    assert "default-src 'none'" in page.of("meta", "http-equiv", "Content-Security-Policy")[0]["content"]
    assert all(image["src"].startswith("data:image/") for image in page.of("img"))
    assert "prefers-color-scheme: dark" in text


def test_numbers_table_and_provenance_are_there(make_run):
    text = write_report([make_run()]).read_text()

    assert "logit 3.0, p 0.50" in text
    assert "<td>2</td><td>64 %</td><td>1.500</td>" in text
    assert "&#34;seed&#34;: 7" in text
    assert "best validation accuracy: 97.5 %" in text


def test_names_cannot_become_markup(make_run):
    evil = "<script>alert(1)</script>\"'&"
    run = make_run(classes=[evil, "flamingo"], change=lambda entries: entries[0].update(provenance={"a": "</pre><b>"}))
    text = write_report([run]).read_text()
    page = Page(text)

    assert "<script>alert" not in text
    assert "<b>" not in text
    assert len(page.of("script")) == 1
    assert evil in page.of("img")[0]["alt"]


def test_the_curve_is_of_every_epoch_and_marks_the_drawn_ones(make_run):
    run = make_run(accuracies=(None, 0.25, 0.5))
    (run / "metrics.csv").write_text("epoch,val_acc\n1,0.25\n2,0.5\n3,0.4\n4,1\n")
    page = Page(write_report([run]).read_text())

    assert page.of("polyline")[0]["points"] == "160.0,150.0 320.0,100.0 480.0,120.0 640.0,0.0"
    assert [(mark["cx"], mark["cy"], mark["data-index"]) for mark in page.of("circle")] == [
        ("160.0", "150.0", "1"),
        ("320.0", "100.0", "2"),
    ]


def test_without_metrics_the_curve_is_of_the_snapshots(make_run):
    assert Page(write_report([make_run()]).read_text()).of("polyline")[0]["points"].count(",") == 3


def test_what_is_missing_is_shown_as_missing(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    (run / "evolution" / "epoch=001" / "003.png").unlink()
    (run / "run.json").unlink()
    text = write_report([run]).read_text()
    page = Page(text)

    assert len(page.of("img")) == 7
    assert len(page.of("div", "class", "missing")) == 5
    assert "Not drawn: out of memory" in text
    assert "status: unknown" in text


def test_an_empty_record_gives_a_page(make_run):
    assert "No snapshot was recorded." in write_report([make_run(accuracies=())]).read_text()


def test_runs_stand_below_each_other(make_run, tmp_path):
    runs = [make_run("random"), make_run("pretrained", classes=["a", "b"])]
    page = Page(write_report(runs, tmp_path / "both.html").read_text())

    assert len(page.of("section", "class", "run")) == 2
    assert [slider["max"] for slider in page.of("input")] == ["2", "2"]
    assert write_report(runs) == tmp_path / "report.html"


def test_no_half_written_file_stays(make_run):
    run = make_run()
    write_report([run])

    assert sorted(file.name for file in run.iterdir()) == ["evolution", "report.html", "run.json"]


def test_a_page_that_cannot_be_written_is_the_users_to_mend(make_run, tmp_path):
    with pytest.raises(UserError, match=r"cannot be written .* --out"):
        write_report([make_run()], tmp_path / "scenes")
    with pytest.raises(UserError, match="at least one run folder"):
        write_report([])


def test_the_command_says_where_the_page_is(make_run, capsys):
    run = make_run()

    assert main([str(run)]) == 0
    assert capsys.readouterr().out == f"{run / 'report.html'}\n"


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path):
    command = [sys.executable, "-m", "featevo.report", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "is not a run folder" in done.stderr
