"""A large image in a real Chromium, with its record; curves, keys, colours."""

import itertools
import json
import re

import pytest


def test_an_image_opens_large_with_its_record(visit, painted):
    def extend(entries):
        for entry in entries:
            entry["provenance"] = {
                "seed": 7,
                "steps": 64,
                "weights": f"hash{entry['epoch']}",
                "versions": {"torch": "2.9"},
            }
            for render in entry["renders"]:
                render["measures"] = {"complexity/rank": 2.0 * render["unit"], "confusion/self": 0.125, "odd": None}
        entries[1]["renders"][1]["probabilities"] = {"1": 0.5, "3": 0.375, "9": 0.0625}

    run = painted(0, {1: 0.25, 4: 0.5}, change=extend)
    controls = {"complexity/rank": {"real": {"mean": 28.5, "sd": 1.0, "n": 3}, "broken": 3}, "odd": [1]}
    (run / "evolution" / "controls.json").write_text(json.dumps(controls))
    page = visit(run)
    image = page.locator("#gallery button").nth(1)
    image.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#large")
    assert dialog.locator("h2").inner_text() == "flamingo"
    assert dialog.locator("canvas").bounding_box()["width"] == 512
    assert dialog.locator("canvas").evaluate("(canvas) => getComputedStyle(canvas).imageRendering") == "pixelated"
    facts = dialog.locator("#facts").inner_text()
    assert "epoch 4 · 50.0 %" in facts
    assert "Objective 0 → 1 in 64 steps" in facts
    assert re.findall(r"(flamingo|hamburger|class 9)\s+(0\.\d+)", facts) == [
        ("flamingo", "0.500"),
        ("hamburger", "0.375"),
        ("class 9", "0.063"),
    ]
    rows = dialog.locator(".measures tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["Measure", "this", "others", "real"],
        ["complexity · rank", "2", "3.33", "28.5"],
        ["Confusion of the network", "0.125", "0.125", "–"],
    ]
    assert "tree frog (0.9), pool table (0.9), hamburger (1.8)" in facts
    dialog.locator("summary").click()
    listed = dialog.locator("dl").inner_text().split("\n")
    assert {"seed", "7", "weights", "hash4", "versions.torch", "2.9"} <= set(listed)
    page.click("#before")
    assert "hash1" in dialog.locator("dl").inner_text()
    assert page.inner_text("#which") == "snapshot 1 of 2"
    assert page.get_attribute("#before", "aria-disabled") == "true"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert dialog.locator("h2").inner_text() == "pool table"
    assert page.inner_text("#which") == "snapshot 2 of 2"
    box = dialog.locator(".frame").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.up()
    assert page.inner_text("#which") == "snapshot 1 of 2"
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert image.evaluate("(button) => button === document.activeElement")
    assert page.inner_text("#now") == "epoch 4"
    image.click()
    page.click("#large .close")
    assert dialog.is_hidden()


@pytest.mark.parametrize(("width", "controls"), [(390, 5), (390, 1), (1280, 5)])
def test_every_number_of_a_measure_is_in_sight(visit, painted, width, controls):
    """Also beside many controls; those that a measure does not have are left out."""

    def measure(entries):
        entries[0]["measures"] = {"picture/contrast": 0.25, "picture/used": 0.6875}
        for render in entries[0]["renders"]:
            render["measures"] = {"picture/contrast": 0.25, "picture/used": 0.5 + 0.125 * render["unit"]}

    run = painted(0, {1: 0.25}, change=measure)
    names = ["real", "noise", "start", "untrained", "seeds"][:controls]
    means = {name: {"mean": 0.125 * (k + 1)} for k, name in enumerate(names)}
    known = {"picture/contrast": means, "picture/used": {"real": {"mean": 0.75}}}
    (run / "evolution" / "controls.json").write_text(json.dumps(known))
    page = visit(run, width=width, height=844)
    page.locator("#gallery button").first.click()
    text = page.locator("#facts .measures").inner_text()
    assert all(name in text for name in names)
    if controls > 1:
        beside = [word for name in names for word in (name, f"{means[name]['mean']:.3f}")]
        contrast, used = (block.split() for block in page.locator("#facts .measure").all_inner_texts())
        assert contrast[1:] == ["this", "0.250", "others", "0.250", *beside]
        assert used == ["Used", "area", "this", "0.500", "others", "0.750", "real", "0.750"]
    assert page.locator("#facts .measures [title*='how far' i]").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
    edges = """() => [...document.querySelectorAll("#large *")].map((one) => one.getBoundingClientRect())
        .flatMap(({ left, right }) => [left, right])"""
    assert 0 <= min(page.evaluate(edges)) <= max(page.evaluate(edges)) <= width
    assert page.locator("#large").evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")


def test_an_older_record_has_its_own_probability(visit, two):
    page = visit(*two)
    page.locator("#gallery button").first.click()
    assert page.locator(".bars").inner_text().split() == ["Probabilities", "tree", "frog", "0.500"]
    assert page.locator(".bars .own").count() == 1
    assert page.locator(".measures, .nearest").count() == 0


def curve(page):
    """The objective's curve in the open dialog: its points as (step, height), in a chart 300 wide."""
    points = page.locator("#large .trace polyline").get_attribute("points").split(" ")
    return [tuple(map(float, point.split(","))) for point in points]


def test_the_objective_is_drawn_at_its_own_steps_and_explained(visit, painted):
    """Of 130 values with a filter every fourth step: those in phase with the filter, and the first."""

    def extend(entries):
        for entry in entries:
            entry["provenance"] = {"steps": 130, "regularizer": {"period": 4}}
            values = [float(step - 20 * (step % 4 == 0)) for step in range(130)]
            entry["renders"][0] |= {"trace": values, "trace_of": 130, "trace_every": 1}
            entry["renders"][1] |= {"trace": values[:33]}

    page = visit(painted(0, {1: 0.25}, change=extend), width=390)
    page.locator("#gallery button").first.click()
    facts = page.locator("#large .trace").inner_text()
    assert "Objective -20 → 129 in 130 steps, one value of 4 shown" in facts
    assert "the quantity that is maximised, measured before each step, with the transforms and with the effect" in facts
    assert "of the finished image, without transforms and after the last step's filters" in facts
    assert "older record" not in facts
    points = curve(page)
    assert [round(x * 129 / 300) for x, _ in points] == [0, *range(1, 130, 4)]
    assert all(after[1] < before[1] for before, after in itertools.pairwise(points)), "it rises without jumps"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("ArrowDown")
    assert "This older record kept only some values" in page.locator("#large .trace").inner_text()
    assert len(curve(page)) == 33


def test_measures_are_curves_to_choose_from(visit, painted):
    def measure(entries):
        for entry in entries:
            entry["measures"] = {f"complexity/m{k}": k + entry["epoch"] for k in range(5)} | {"bad": "word"}

    page = visit(painted(0, {1: 0.25, 4: 0.5}, change=measure))
    titles = [text.split("\n")[0] for text in page.locator(".chart figcaption").all_inner_texts()]
    assert titles[2:] == ["complexity · m0", "complexity · m1", "complexity · m2"]
    page.click("#measures summary")
    assert page.locator("#measures input").count() == 7
    page.get_by_role("checkbox", name="complexity · m4").check()
    page.get_by_role("checkbox", name="Validation loss").uncheck()
    titles = page.locator(".chart figcaption").all_inner_texts()
    assert "complexity · m4" in titles
    assert not any(title.startswith("Validation loss") for title in titles)


def test_dark_light_and_the_keys(visit, two):
    page = visit(*two, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(21, 23, 26)"
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(21, 23, 26)"
    page.locator("#theme").blur()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#now") == "epoch 8"
    page.keyboard.press("Escape")
    page.click("#help")
    page.click("#keys .close")
    assert page.locator("#keys").is_hidden()


def test_controls_are_lines_whose_names_do_not_overlap(visit, painted):
    run = painted(0, {1: 0.25, 4: 0.5}, change=lambda entries: [e.update(measures={"rank": 12.0}) for e in entries])
    means = {"real": 28.0, "noise": 1.1, "start": 1.2, "untrained": 1.3}
    (run / "evolution" / "controls.json").write_text(json.dumps({"rank": {k: {"mean": v} for k, v in means.items()}}))
    page = visit(run)
    chart = page.locator(".chart").last
    assert chart.locator("line.control").count() == 4
    assert chart.locator("text.control").all_text_contents() == ["real", "untrained", "start", "noise"]
    boxes = [chart.locator("text.control").nth(k).bounding_box() for k in range(4)]
    assert all(upper["y"] + 0.75 * upper["height"] <= lower["y"] + 1 for upper, lower in itertools.pairwise(boxes))
    assert max(box["x"] + box["width"] for box in boxes) <= 1280


def test_labels_of_small_values_are_whole(visit, painted):
    def measure(entries):
        for entry in entries:
            entry["measures"] = {"tiny": 0.0018 + 0.00002 * entry["epoch"], "tinier": -0.00061 * entry["epoch"]}

    page = visit(painted(0, {1: 0.25, 4: 0.5}, change=measure))
    for k in range(page.locator(".chart svg").count()):
        chart = page.locator(".chart svg").nth(k)
        left = chart.bounding_box()["x"]
        labels = chart.locator("text").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().left)")
        assert min(labels) >= left, f"chart {k}"
    words = page.locator(".chart").nth(2).locator("text").all_text_contents()
    assert "0.00186" in words


def test_a_single_snapshot_has_no_second_epoch(visit, painted):
    chart = visit(painted(0, {3: 0.25})).locator(".chart svg").first
    assert chart.locator("text").all_text_contents() == ["0 %", "50 %", "100 %", "epoch 3"]
    line, mark = (chart.locator(name).first.bounding_box() for name in ("line.level", "circle.now"))
    assert mark["x"] + mark["width"] / 2 == pytest.approx(line["x"] + line["width"] / 2, abs=1)


@pytest.mark.parametrize("width", [390, 1280])
def test_words_about_curves_have_the_whole_width(visit, painted, width):
    run = painted(
        0, {1: 0.25, 4: 0.5}, change=lambda entries: [e.update(measures={"information/depth": 0.5}) for e in entries]
    )
    page = visit(run, width=width)
    page.click("#glossary summary")
    whole, term, text = (page.locator(f"#glossary {name}").first.bounding_box() for name in ("dl", "dt", "dd"))
    assert text["width"] == whole["width"]
    assert text["y"] >= term["y"] + term["height"]
