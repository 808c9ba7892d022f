"""The paper's conclusions as `python -m featevo.study` has left them beside the runs: read from its JSON alone."""

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
"""Where a folder holds a study."""

SCHEMA = 1
VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, WITHDRAWN)

LONGEST_LINE = 100
"""Points of a line in a diagram."""

STUDY_WORDS = ("key", "title", "paper", "limits")
HYPOTHESIS_WORDS = ("key", "statement", "operational", "unit", "wants")
PANEL_WORDS = {"title": "title", "x": "x_label", "y": "y_label", "mark": "mark_label"}
ESTIMATE = ("mean", "low", "high")


def find_study(folders: Iterable[Path]) -> Path | None:
    """The first study.json that these folders hold."""
    return next((folder / place for folder in folders for place in PLACES if (folder / place).is_file()), None)


def read_study(path: Path) -> dict[str, Any]:
    """What the page shows of a study.

    Returns:
        Its claims with all that a reader needs; or, where the file is of no use, `error`: why, in a line.
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
    runs, plan = _entries(whole, "runs"), whole.get("plan")
    level = plan.get("level") if isinstance(plan, dict) else None
    return {
        "runs": len(runs),
        "seeds": len({str(run.get("seed")) for run in runs}),
        "level": level if is_number(level) else None,
        "leftOut": [f"{left.get('folder')}: {left.get('reason')}" for left in _entries(whole, "left_out")],
        "claims": [_claim(claim) for claim in found if not _is_withheld(claim)],
    }


def _is_withheld(claim: dict[str, Any]) -> bool:
    """Whether a claim rests on nothing but measures that are not shown."""
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
    numbers, found, missing = (hypothesis.get(key) for key in ("numbers", "estimate", "missing"))
    estimate = {name: _short(found.get(name)) for name in ESTIMATE} if isinstance(found, dict) else None
    by_seed = numbers.items() if isinstance(numbers, dict) else ()
    return {
        **{word: _text(hypothesis.get(word)) for word in HYPOTHESIS_WORDS},
        "verdict": _verdict(hypothesis),
        "withdrawn": _withdrawn(hypothesis),
        "numbers": [[seed, _short(number)] for seed, number in by_seed if is_number(number)],
        "estimate": estimate if estimate and estimate["mean"] is not None else None,
        **_chances(hypothesis, found if isinstance(found, dict) else {}),
        "missing": [_text(reason) for reason in missing] if isinstance(missing, list) else [],
    }


def _chances(hypothesis: dict[str, Any], estimate: dict[str, Any]) -> dict[str, float | None]:
    """p and p corrected of the effect being as claimed; where that is contradicted, of the opposite."""
    side = "below" if _verdict(hypothesis) == CONTRADICTED else "above"
    return {"p": _short(estimate.get(f"p_{side}")), "corrected": _short(hypothesis.get(f"p_{side}_corrected"))}


def _panel(panel: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: _text(panel.get(key)) for name, key in PANEL_WORDS.items()},
        "doubling": panel.get("doubling") is True,
        "lines": [line for line in map(_line, _entries(panel, "lines")) if line["points"]],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    x, y = (line[axis] if isinstance(line.get(axis), list) else [] for axis in "xy")
    points = [[_short(a), _short(b)] for a, b in zip(x, y, strict=False) if is_number(a) and is_number(b)]
    return {
        "seed": _text(line.get("seed")),
        "group": _text(line.get("group")),
        "points": [points[place] for place in evenly(len(points), LONGEST_LINE)],
        "mark": _short(line.get("mark")),
    }


def _entries(whole: Any, key: str) -> list[dict[str, Any]]:
    """The objects of a list that may not be there."""
    found = whole.get(key) if isinstance(whole, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _verdict(entry: dict[str, Any]) -> str:
    if _withdrawn(entry):
        return WITHDRAWN
    return str(entry["verdict"]) if entry.get("verdict") in VERDICTS else UNDECIDED


def _withdrawn(entry: dict[str, Any]) -> str:
    """Why; also in a study that was written before its measure was refuted."""
    return why_withdrawn(_text(entry.get("measure"))) or _text(entry.get("withdrawn"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _short(value: Any) -> float | None:
    """Four significant digits, as no reader sees more."""
    return float(f"{value:.4g}") if is_number(value) else None
