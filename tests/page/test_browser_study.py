"""The paper's conclusions in a real Chromium: verdicts in words, a dot for every seed, no markup from a study."""

import json

import numpy as np

from featevo.study.__main__ import main
from tests.study.worlds import write_world

EVIL = "</script><img src=x onerror=alert(1)>"


def test_conclusions_are_shown_with_every_seed(visit, tmp_path):
    root = write_world(tmp_path / "world", np.random.default_rng(7), 1, seeds=13)
    (root / "scenes-eight-6" / "run.json").write_text('{"status": "interrupted"}')
    assert main([str(root)]) == 0
    runs = [path for path in sorted(root.iterdir()) if path.name != "study"]
    page = visit(*runs[:3], root / "study", color_scheme="dark")
    assert page.locator("#study h3 .verdict").all_inner_texts() == ["✓\nsupported"] * 5
    first = page.locator("#claim-scenes-1")
    assert first.locator("h3").inner_text().startswith("1. Likeness rises in training (scenes)")
    assert [first.locator(".hypothesis svg").nth(k).locator(".seed").count() for k in range(2)] == [12, 13]
    zero = first.locator(".zero").first.bounding_box()["x"]
    assert all(dot.bounding_box()["x"] > zero for dot in first.locator(".hypothesis >> nth=0 >> .seed").all())
    low, high = (float(first.locator(".middle line").first.get_attribute(end)) for end in ("x1", "x2"))
    assert low <= float(first.locator(".middle circle").first.get_attribute("cx")) <= high
    assert "Control: The rise of `eight_shuffled` alone." in first.inner_text()
    assert "95 %" in page.inner_text("#study > .note")
    chart = first.locator(".panelchart").first
    assert (chart.locator("polyline").count(), chart.locator(".twin").count()) == (25, 13)
    assert chart.locator(".known").count() == 1
    assert first.locator("details p").last.is_hidden()
    first.locator("summary").click()
    assert "not that accuracy makes it rise" in first.locator("details").inner_text()
    page.click("#study > details summary")
    assert "scenes-eight-6: its status is interrupted" in page.inner_text("#study > details")


def test_a_study_is_not_markup_and_missing_values_are_stated(visit, painted):
    run = painted(0, {1: 0.5})
    words = dict.fromkeys(("data", "key", "title", "paper", "statement", "operational", "unit", "why", "limits"), EVIL)
    found = {"numbers": {EVIL: 1, "b": -2}, "estimate": {"median": -0.5, "p_above": 0.5}, "missing": [EVIL, "x"]}
    panels = [
        {
            "title": EVIL,
            "x_label": EVIL,
            "levels": {EVIL: 1},
            "lines": [{"seed": EVIL, "group": EVIL, "x": [2], "y": [0.5]}],
        }
    ]
    claim = {**words, "verdict": EVIL, "hypothesis": found, "control": {}, "beside": {EVIL: found}, "panels": panels}
    (run / "study.json").write_text(json.dumps({"schema": 2, "claims": [claim]}))
    page = visit(run, width=390)
    assert page.locator("#study h3 > span").first.text_content() == f"{EVIL}. {EVIL} ({EVIL})"
    assert page.locator("#study h3 .verdict").inner_text() == "–\nno verdict"
    assert page.locator("#study .empty").inner_text() == "No numbers yet."
    assert page.locator("img").count() == 0
    page.click("#study summary")
    assert f"Missing: {EVIL} (and 1 more like it)." in page.inner_text("#study details")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert "NaN" not in page.inner_html("#study")


def test_no_study_no_section_and_a_broken_study_is_one_line(visit, painted):
    run = painted(0, {1: 0.5})
    assert visit(run).is_hidden("#study")
    (run / "study.json").write_text("{")
    page = visit(run)
    assert page.inner_text("#study .error").endswith("cannot be read; python -m featevo.study writes it anew")
