"""The conclusions on the paper's claims, read from the JSON file of `python -m featevo.study` beside the runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.reading import evenly
from featevo.record.safe import read_json
from featevo.record.schema import is_number
from featevo.study.verdicts import CONTRADICTED, NONE, SCHEMA, VERDICTS

PLACES = ("study/study.json", "study.json")
"""Places of a study in a folder."""

LONGEST_LINE = 100
"""Most points of a line in a diagram."""

STUDY_WORDS = ("data", "key", "title", "paper", "statement", "operational", "unit", "why", "limits")
PANEL_WORDS = {"title": "title", "x": "x_label", "y": "y_label"}
ESTIMATE = ("median", "low", "high")


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
    schema = whole.get("schema")
    if is_number(schema) and schema > SCHEMA:
        return {"error": f"{path} was written by a newer featevo (schema {schema}; this one reads {SCHEMA})"}
    if schema != SCHEMA:
        return {"error": f"{path} is of the first study, whose verdicts were withdrawn (docs/study/first of featevo)"}
    runs, level = _entries(whole, "runs"), _get(whole, "plan", {}).get("level")
    return {
        "runs": len(runs),
        "seeds": len({str(run.get("seed")) for run in runs}),
        "level": level if is_number(level) else None,
        "leftOut": [f"{left.get('folder')}: {left.get('reason')}" for left in _entries(whole, "left_out")],
        "claims": [_claim(claim) for claim in found],
    }


def short(value: Any) -> float | None:
    """A number with four significant digits, which is enough for a reader; None for other values."""
    return float(f"{value:.4g}") if is_number(value) else None


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    control = _get(claim, "control", {})
    return {
        **{word: _text(claim.get(word)) for word in STUDY_WORDS},
        "verdict": str(claim["verdict"]) if claim.get("verdict") in VERDICTS else NONE,
        "hypothesis": _test(_get(claim, "hypothesis", {})),
        "control": {"operational": _text(control.get("operational")), **_test(control)},
        "beside": {_text(name): short(_median(sample)) for name, sample in _get(claim, "beside", {}).items()},
        "panels": [panel for panel in map(_panel, _entries(claim, "panels")) if panel["lines"]],
    }


def _test(test: dict[str, Any]) -> dict[str, Any]:
    found = _get(test, "estimate", {})
    estimate = {name: short(found.get(name)) for name in ESTIMATE}
    side = "below" if test.get("result") == CONTRADICTED else "above"  # if contradicted, p of the opposite effect
    return {
        "numbers": [[seed, short(n)] for seed, n in _get(test, "numbers", {}).items() if is_number(n)],
        "estimate": estimate if estimate["median"] is not None else None,
        "p": short(found.get(f"p_{side}")),
        "corrected": short(test.get(f"p_{side}_corrected")),
        "missing": [_text(reason) for reason in _get(test, "missing", [])],
    }


def _median(sample: Any) -> Any:
    return _get(sample, "estimate", {}).get("median")


def _panel(panel: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: _text(panel.get(key)) for name, key in PANEL_WORDS.items()},
        "levels": [[_text(name), short(n)] for name, n in _get(panel, "levels", {}).items() if is_number(n)],
        "lines": [line for line in map(_line, _entries(panel, "lines")) if line["points"]],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    x, y = _get(line, "x", []), _get(line, "y", [])
    points = [[short(a), short(b)] for a, b in zip(x, y, strict=False) if is_number(a) and is_number(b)]
    return {
        "seed": _text(line.get("seed")),
        "group": _text(line.get("group")),
        "points": [points[place] for place in evenly(len(points), LONGEST_LINE)],
    }


def _get(whole: Any, key: str, default: Any) -> Any:
    """The value of a key, or the default if it is missing or of another type."""
    found = whole.get(key) if isinstance(whole, dict) else None
    return found if isinstance(found, type(default)) else default


def _entries(whole: Any, key: str) -> list[dict[str, Any]]:
    return [entry for entry in _get(whole, key, []) if isinstance(entry, dict)]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
