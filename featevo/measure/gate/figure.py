"""The gate as a figure: samples of its pictures, and a row for each candidate with what it fails and by how much."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

PASSED, FAILED, GREY, INK = "#009E73", "#D55E00", "#666666", "#222222"
"""Bluish green and vermillion of Okabe and Ito's palette."""

WIDTH, ROW, HEAD, FOOT = 15.0, 0.255, 3.25, 0.3
"""Inches: the figure's width, the height of a row, what is above and below the rows."""

NAME, DOTS, WORST, TRUTH, VERDICT = 0.25, 3.5, 7.35, 13.05, 14.05
"""Left edges of columns in inches."""

CELLS = {
    "shuffled blocks": (9.95, "shuffled /\nphotographs", "{:.2f} ×"),
    "order": (10.7, "order of\nshapes", "{:.2f}"),
    "a quarter of the contrast": (11.4, "quarter of\ncontrast", "{:+.0%}"),
    "another mean colour": (12.05, "mean\ncolour", "{:+.0%}"),
    "mirrored": (12.65, "mir-\nrored", "{:+.0%}"),
}
"""By check: the column's centre in inches, its heading and the format of its number."""

LOWEST, HIGHEST = 0.005, 200
"""Multiples of "2 shapes" at the edges of the dots' column; what lies beyond is drawn there."""

SAMPLES = {
    "white noise": "white noise",
    "blur 3 px, RMS 0.2": "blurred",
    "blur 3 px, saturated": "saturated",
    "1/f^1.5 noise": "1/f^1.5",
    "nine medians, stretched": "nine medians",
    "checkerboard 4 px": "checkerboard",
    "phase-randomised photographs": "random phases",
    "shuffled photographs": "shuffled",
    "photographs": "photograph",
    "2 shapes": "2 shapes",
    "16 shapes": "16 shapes",
    "scene": "drawn scene",
    "scene, a quarter of the contrast": "¼ contrast",
    "scene, another mean colour": "mean colour",
}

Entry = Mapping[str, Any]


def draw(result: Mapping[str, Any], pictures: Mapping[str, Tensor]) -> bytes:
    """The figure as a PNG file.

    Args:
        result: By `featevo.measure.gate.command.examine`.
        pictures: By kind, (3, H, W): samples are shown.
    """
    entries = result["entries"]
    height = HEAD + ROW * len(entries) + FOOT
    figure = Figure(figsize=(WIDTH, height), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    sheet = figure.add_axes((0, 0, 1, 1))
    _samples(sheet, pictures)
    _headings(sheet, result)
    for place, entry in enumerate(entries):
        _row(sheet, HEAD + ROW * (place + 0.5), entry)
    sheet.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="auto")
    sheet.set_axis_off()
    dots = figure.add_axes((DOTS / WIDTH, FOOT / height, (WORST - DOTS - 0.1) / WIDTH, ROW * len(entries) / height))
    _dots(dots, entries, result["without_structure"])
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _samples(sheet: Axes, pictures: Mapping[str, Tensor]) -> None:
    side, top = 0.86, 1.0
    step = (WIDTH - 2 * NAME - side) / (len(SAMPLES) - 1)
    for place, (kind, caption) in enumerate(SAMPLES.items()):
        left = NAME + place * step
        pixels = pictures[kind].permute(1, 2, 0).numpy()
        sheet.imshow(pixels, extent=(left, left + side, top + side, top), interpolation="nearest")
        sheet.text(left + side / 2, top + side + 0.07, caption, size=8.5, color=GREY, ha="center", va="top")


def _headings(sheet: Axes, result: Mapping[str, Any]) -> None:
    passing = [entry for entry in result["entries"] if not entry["fails"]]
    title = f"The gate: {len(passing) or 'none'} of {len(result['entries'])} candidates for a measure of complexity"
    title += " passes parts a and b" if len(passing) < 2 else " pass parts a and b"
    sheet.text(NAME, 0.42, title, size=16, color=INK)
    rule = (
        "a: pictures without structure score below 2 shapes, shuffled photographs below photographs, and 1, 2, 4, 8, "
        "16 shapes and drawn scenes keep their order (Spearman ≥ 0.9).  b: contrast, mean colour and\nmirroring change "
        "the mean by at most 10 %.  c: renders of networks whose features are known are in their order.  "
        f"Means of {result['pictures']} pictures of {result['size']} x {result['size']} px.  Orange: fails."
    )
    sheet.text(NAME, 0.9, rule, size=8.8, color=GREY, linespacing=1.35)
    low = HEAD - 0.1
    for edge, text in ((DOTS, "a"), (CELLS["a quarter of the contrast"][0] - 0.35, "b"), (TRUTH, "c")):
        sheet.text(edge, low - 0.62, text, size=12, weight="bold", color=INK)
    sheet.text(
        DOTS + 0.2, low - 0.62, "each dot a kind of picture without structure, ◆ drawn scenes", size=8.5, color=INK
    )
    sheet.text(DOTS + 0.2, low - 0.44, "multiple of the mean of 2 shapes", size=8.5, color=GREY)
    for left, text in ((NAME, "measure, judge"), (WORST, "highest without\nstructure"), (VERDICT, "verdict")):
        sheet.text(left, low, text, size=8.5, color=INK, va="bottom")
    sheet.text(TRUTH, low, "known\nnetworks", size=8.5, color=INK, va="bottom")
    for centre, heading, _ in CELLS.values():
        sheet.text(centre, low, heading, size=8.5, color=INK, ha="center", va="bottom")


def _row(sheet: Axes, y: float, entry: Entry) -> None:
    if entry["equalised"]:
        sheet.text(NAME + 0.2, y, "the same, contrast equalised", size=8.5, color=GREY, va="center")
    else:
        sheet.axhline(y - ROW / 2, NAME / WIDTH, 1 - NAME / WIDTH, color="#DDDDDD", linewidth=0.7)
        judge = f"  ({entry['judge']['name']})" if entry["judge"] else ""
        sheet.text(NAME, y, entry["measure"] + judge, size=9.5, color=INK, va="center")
    for check in entry["checks"]:
        colour = PASSED if check["passed"] else FAILED
        if check["name"] == "noise":
            text = f"{_number('{:.2g} ×', check['value'])}  {check['kind']}"
            sheet.text(WORST, y, text, size=8, color=colour, va="center")
        else:
            centre, _, style = CELLS[check["name"]]
            weight = "normal" if check["passed"] else "bold"
            text = _number(style, check["value"])
            sheet.text(centre, y, text, size=8.5, color=colour, ha="center", va="center", weight=weight)
    truth = entry["known_truth"]
    text, colour = ("not examined", "#999999") if truth is None else _word(truth["passed"])
    sheet.text(TRUTH, y, text, size=8, color=colour, va="center")
    colour = FAILED if entry["fails"] else PASSED
    sheet.text(VERDICT, y, entry["verdict"], size=9, color=colour, va="center", weight="bold")


def _dots(axes: Axes, entries: Sequence[Entry], kinds: Sequence[str]) -> None:
    axes.patch.set_alpha(0)
    axes.set(xscale="log", xlim=(LOWEST / 1.3, HIGHEST * 1.3), ylim=(len(entries) - 0.5, -0.5), yticks=[])
    for place, entry in enumerate(entries):
        simple = entry["means"]["2 shapes"]
        drawn = [_placed(entry["means"][kind], simple) for kind in kinds]
        colours = [FAILED if at >= 1 else "#888888" for at in drawn]
        axes.scatter(drawn, [place] * len(drawn), s=13, c=colours, alpha=0.55, linewidths=0)
        axes.scatter([_placed(entry["means"]["scene"], simple)], [place], s=20, marker="D", c="#0072B2", linewidths=0)
    axes.axvline(1, color=INK, linewidth=0.9, linestyle=(0, (3, 3)), zorder=0)
    ticks = {LOWEST: "0", 0.1: "0.1", 1: "1", 10: "10", HIGHEST: f"{HIGHEST}+"}
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.minorticks_off()
    axes.tick_params(axis="x", top=True, bottom=False, labeltop=True, labelbottom=False, labelsize=8, colors=GREY)
    for side in axes.spines.values():
        side.set_visible(False)


def _placed(mean: float | None, simple: float | None) -> float:
    """A mean's place on the axis; what has no number is at the right edge."""
    if mean is None or not simple:
        return LOWEST if mean == 0 else HIGHEST
    return min(max(mean / simple, LOWEST), HIGHEST)


def _number(style: str, value: float | None) -> str:
    return "∞" if value is None else style.format(value)


def _word(passed: bool) -> tuple[str, str]:
    return ("passes", PASSED) if passed else ("fails", FAILED)
