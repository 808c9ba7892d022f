"""Heat maps in a real Chromium: they follow the slider and the choice of a run, and names are not markup."""

import json

import pytest

EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def confused(painted):
    """Build a run with matrices at some of its epochs; in each all numbers are the epoch's, in per cent."""

    def make(number, epochs, at, classes=("frog", EVIL), **more):
        run = painted(number, dict.fromkeys(epochs, 0.5), classes=list(classes))
        for place, epoch in enumerate(epochs, 1):
            rows = [[epoch / 100] * len(classes)] * len(classes)
            content = {"classes": classes, "self": rows, "validation": rows, **more}
            if epoch in at:
                (run / "evolution" / f"epoch={place:03d}" / "confusion.json").write_text(json.dumps(content))
        return run

    return make


def numbers(page, place=0):
    return page.locator(".heat").nth(place).locator("text.under").all_text_contents()


def test_matrices_follow_the_slider_and_the_run(visit, confused):
    first, second = confused(0, [1, 4, 8], [4, 8]), confused(1, [2, 4], [2, 4], classes=("a", "b", "c"))
    (first / "evolution" / "transfer.json").write_text(
        json.dumps({"epochs": [1, 4, 8], "probabilities": [[0.1, 0.2, 0.3]] * 3})
    )
    page = visit(first, second, color_scheme="dark")
    titles = page.locator(".heat figcaption").all_inner_texts()
    assert [title.split(" what")[0] for title in titles[:2]] == ["Validation images", "Renders"]
    assert numbers(page) == numbers(page, 1) == ["8"] * 4
    assert numbers(page, 2) == ["10", "20", "30"] * 3
    assert page.locator(".heat text.marked").text_content() == "88"  # with its title
    page.keyboard.press("ArrowLeft")
    assert numbers(page) == ["4"] * 4
    assert page.locator("#heats .moment").inner_text() == "init=0, epoch 4 · 50.0 %"
    page.keyboard.press("Home")
    assert page.inner_text("#heats .empty") == "No matrices yet."
    page.keyboard.press("End")
    page.select_option("#compared", "1")
    assert numbers(page) == ["4"] * 9
    page.click("#matrices summary")
    page.locator("#matrices summary").blur()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.click("#matrices summary")
    page.wait_for_function("() => document.querySelector('rect title').textContent === 'a → a: 2.0 %'")
    assert numbers(page) == ["2"] * 9


def test_names_are_not_markup_and_the_judges_matrix_is_not_shown(visit, confused):
    judge = {"judge_classes": ["x", EVIL, "z"], "judge": [[0.5, 0.25, 0.125], [0, 0, 1]]}
    page = visit(confused(0, [25], [25], **judge), width=390)
    assert page.locator(".heat").count() == 2
    assert "judge" not in page.inner_text("#matrices")
    last = page.locator(".heat").last
    assert last.locator("rect title").nth(1).text_content() == f"frog → {EVIL}: 25.0 %"
    assert last.locator("text > title").all_text_contents() == ["frog", EVIL, "frog", EVIL]
    assert last.locator("text").nth(1).text_content() == EVIL[:15] + "…" + EVIL
    assert page.locator("img").count() == 0
    assert page.is_hidden("#compared")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_missing_and_too_large_matrices(visit, confused):
    assert visit(confused(0, [1], [])).is_hidden("#matrices")
    page = visit(confused(1, [1], [1], classes=[f"class {k}" for k in range(21)]))
    assert page.inner_text("#heats .empty").startswith("Matrices of 21 classes are too large to be read here")
