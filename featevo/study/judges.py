"""Whether numbers of several runs may be compared: all from one judge, which is not related to the networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featevo.study.claim import Hypothesis
from featevo.study.runs import Missing, Run

IDENTITY = ("name", "weights", "layer")
"""Keys in the record that identify a judge."""

BY_FEATURES = ("complexity/effective_rank", "complexity/rank_beyond_chance", "complexity/active_channels")
"""Measures of complexity that are computed from the features of a judge."""


def require_one_judge(hypothesis: Hypothesis, runs: Sequence[Run]) -> None:
    """Raise `Missing` with the reason when the measures of these runs cannot be used for the hypothesis."""
    keys = _keys(hypothesis.measure)
    if not keys:
        return
    named = {_words(run.judge, keys): run for run in runs}
    if len(named) > 1:
        (first, here), (second, there), *_ = named.items()
        raise Missing(f"{here.folder} was measured by {first}, {there.folder} by {second}; measure all by one judge")
    if hypothesis.compares_inits and any(map(_related, runs)):
        raise Missing(
            f"the judge, {next(iter(named))}, is related to the weights that init=pretrained starts from; "
            "measure by another"
        )


def _keys(measure: str | None) -> tuple[str, ...]:
    """Properties of the judge that must be equal for a measure; empty for a measure without a judge."""
    family = (measure or "").partition("/")[0]
    if family == "recognition" or measure == "confusion/judge":
        return (*IDENTITY, "classes")
    return IDENTITY if family == "stability" or measure in BY_FEATURES else ()


def _words(judge: dict[str, Any] | None, keys: Sequence[str] = IDENTITY) -> str:
    if judge is None:
        return "an unnamed judge"
    known = {key: judge[key] for key in keys if judge.get(key)}
    if "classes" in known:  # sorted, because every run puts its own classes first
        chosen = known["classes"]
        known["classes"] = f"among {chosen if isinstance(chosen, int) else ', '.join(sorted(chosen))}"
    return " ".join(map(str, known.values())) or str(judge)


def _related(run: Run) -> bool:
    """Whether the judge and the weights that the run started from have a recorded name in common."""
    init = run.evolution.run.get("init")
    source = str(init.get("source") or "") if isinstance(init, dict) else ""
    given = run.config["init"].get("weights") or ""
    starts = {Path(word).stem for word in (*source.split(), str(given)) if word}
    judged = {Path(word).stem for word in _words(run.judge).split()}
    return bool(starts & judged)
