"""Whether numbers of several runs may be compared: one judge for all, and no relation of a network it judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featevo.study.claim import Hypothesis
from featevo.study.runs import Missing, Run

WHO = ("name", "weights", "layer")
"""What a judge is known by."""

BY_FEATURES = ("complexity/effective_rank", "complexity/rank_beyond_chance", "complexity/active_channels")
"""Measures of complexity that a judge's features decide."""


def one_fair_judge(hypothesis: Hypothesis, runs: Sequence[Run]) -> None:
    """Raise `Missing`, saying why, when the runs' measures cannot serve the hypothesis.

    Args:
        hypothesis: Asks for a judge when it names a measure.
        runs: Those whose measures it uses.
    """
    asked = _asked(hypothesis.measure)
    if not asked:
        return
    named = {_words(run.judge, asked): run for run in runs}
    if len(named) > 1:
        (first, here), (second, there), *_ = named.items()
        raise Missing(f"{here.folder} was measured by {first}, {there.folder} by {second}; measure all by one judge")
    if hypothesis.compares_inits:
        for run in runs:
            if _related(run):
                raise Missing(
                    f"the judge, {_words(run.judge)}, is related to the weights that init=pretrained starts from; "
                    "measure by another"
                )


def _asked(measure: str | None) -> tuple[str, ...]:
    """What must be the same of the judge of a measure: nothing of one that asks nobody or the network alone."""
    family = (measure or "").partition("/")[0]
    if family == "recognition" or measure == "confusion/judge":
        return (*WHO, "classes")
    return WHO if family == "stability" or measure in BY_FEATURES else ()


def _words(judge: dict[str, Any] | None, asked: Sequence[str] = WHO) -> str:
    if judge is None:
        return "an unnamed judge"
    known = {key: judge[key] for key in asked if judge.get(key)}
    if "classes" in known:  # in any order: each run has its own classes first
        chosen = known["classes"]
        known["classes"] = f"among {chosen if isinstance(chosen, int) else ', '.join(sorted(chosen))}"
    return " ".join(map(str, known.values())) or str(judge)


def _related(run: Run) -> bool:
    """Whether the judge's name or weights are those the run started from, by the names of both as recorded."""
    init = run.evolution.run.get("init")
    source = str(init.get("source") or "") if isinstance(init, dict) else ""
    given = run.config["init"].get("weights") or ""
    starts = {Path(word).stem for word in (*source.split(), str(given)) if word}
    judged = {Path(word).stem for word in _words(run.judge).split()}
    return bool(starts & judged)
