"""The conclusions on the paper's claims, read from the JSON file of `python -m featevo.study` beside the runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.reading import evenly
from featevo.record.safe import read_json
from featevo.record.schema import is_number
from featevo.record.withheld import is_withheld
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, WITHDRAWN, concluded, why_withdrawn

PLACES = ("study/study.json", "study.json")
"""Places of a study in a folder."""

SCHEMA = 1
VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, WITHDRAWN)

LONGEST_LINE = 100
"""Most points of a line in a diagram."""

STUDY_WORDS = ("key", "title", "paper", "limits")
HYPOTHESIS_WORDS = ("key", "statement", "operational", "unit", "wants")
PANEL_WORDS = {"title": "title", "x": "x_label", "y": "y_label", "mark": "mark_label"}
ESTIMATE = ("mean", "low", "high")


def find_study(folders: Iterable[Path]) -> Path | None:
    """The first study.json in these folders."""
    return next((folder / place for folder in folders for place in PLACES if (folder / place).is_file()), None)


def read_study(path: Path) -> dict[str, Any]:
    """The content of a study for the page.

    Returns:
        Its claims with all that the page shows of them; or, for an unusable file, `error`: the reason in one line.
    """
    try:
        whole = read_json(path.parent, path.name)
    except UserError as error:
        return {"error": str(error)}
    except (OSError, ValueError):
        return {"error": f"{path} cannot be read; python -m featevo.study writes it anew"}
    found = _entries(whole, "claims")
    if not found:
        return {"error": f"{path} holds no claims; python -m featevo.study writes it anew"}
    if is_number(whole.get("schema")) and whole["schema"] > SCHEMA:
        return {"error": f"{path} was written by a newer featevo (schema {whole['schema']}; this one reads {SCHEMA})"}
    runs, level = _entries(whole, "runs"), _get(whole, "plan", {}).get("level")
    return {
        "runs": len(runs),
        "seeds": len({str(run.get("seed")) for run in runs}),
        "level": level if is_number(level) else None,
        "leftOut": [f"{left.get('folder')}: {left.get('reason')}" for left in _entries(whole, "left_out")],
        "claims": [_claim(claim) for claim in found if not _is_withheld(claim)],
    }


def short(value: Any) -> float | None:
    """A number with four significant digits, which is enough for a reader; None for other values."""
    return float(f"{value:.4g}") if is_number(value) else None


def _is_withheld(claim: dict[str, Any]) -> bool:
    """Whether all hypotheses of a claim use measures that are not shown."""
    measures = [_text(hypothesis.get("measure")) for hypothesis in _entries(claim, "hypotheses")]
    return bool(measures) and all(map(is_withheld, measures))


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    hypotheses = [_hypothesis(hypothesis) for hypothesis in _entries(claim, "hypotheses")]
    verdicts = [hypothesis["verdict"] for hypothesis in hypotheses]
    return {
        **{word: _text(claim.get(word)) for word in STUDY_WORDS},
        "verdict": concluded(verdicts) if WITHDRAWN in verdicts else _verdict(claim),
        "hypotheses": hypotheses,
        "panels": [panel for panel in map(_panel, _entries(claim, "panels")) if panel["lines"]],
    }


def _hypothesis(hypothesis: dict[str, Any]) -> dict[str, Any]:
    found, verdict = _get(hypothesis, "estimate", {}), _verdict(hypothesis)
    estimate = {name: short(found.get(name)) for name in ESTIMATE}
    side = "below" if verdict == CONTRADICTED else "above"  # if contradicted, p of the opposite effect
    return {
        **{word: _text(hypothesis.get(word)) for word in HYPOTHESIS_WORDS},
        "verdict": verdict,
        "withdrawn": _withdrawn(hypothesis),
        "numbers": [[seed, short(n)] for seed, n in _get(hypothesis, "numbers", {}).items() if is_number(n)],
        "estimate": estimate if estimate["mean"] is not None else None,
        "p": short(found.get(f"p_{side}")),
        "corrected": short(hypothesis.get(f"p_{side}_corrected")),
        "missing": [_text(reason) for reason in _get(hypothesis, "missing", [])],
    }


def _panel(panel: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: _text(panel.get(key)) for name, key in PANEL_WORDS.items()},
        "doubling": panel.get("doubling") is True,
        "lines": [line for line in map(_line, _entries(panel, "lines")) if line["points"]],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    x, y = _get(line, "x", []), _get(line, "y", [])
    points = [[short(a), short(b)] for a, b in zip(x, y, strict=False) if is_number(a) and is_number(b)]
    return {
        "seed": _text(line.get("seed")),
        "group": _text(line.get("group")),
        "points": [points[place] for place in evenly(len(points), LONGEST_LINE)],
        "mark": short(line.get("mark")),
    }


def _get(whole: Any, key: str, default: Any) -> Any:
    """The value of a key, or the default if it is missing or of another type."""
    found = whole.get(key) if isinstance(whole, dict) else None
    return found if isinstance(found, type(default)) else default


def _entries(whole: Any, key: str) -> list[dict[str, Any]]:
    return [entry for entry in _get(whole, key, []) if isinstance(entry, dict)]


def _verdict(entry: dict[str, Any]) -> str:
    if _withdrawn(entry):
        return WITHDRAWN
    return str(entry["verdict"]) if entry.get("verdict") in VERDICTS else UNDECIDED


def _withdrawn(entry: dict[str, Any]) -> str:
    """The reason, also in a study from before its measure was refuted; else empty."""
    return why_withdrawn(_text(entry.get("measure"))) or _text(entry.get("withdrawn"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
