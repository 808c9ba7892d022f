"""What was found as text: a table for the terminal, Markdown and JSON for readers and for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.study import choices
from featevo.study.evaluate import Conclusion, Finding, Study, withdrawals
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, WITHDRAWN

LEVEL = round(100 * choices.LEVEL)
COLOURS = {SUPPORTED: "green", CONTRADICTED: "red", UNDECIDED: "yellow", WITHDRAWN: "yellow"}


def print_study(study: Study, console: Console) -> None:
    """The statements with their verdicts, the numbers behind them, and what is missing."""
    said = Table(box=box.SIMPLE_HEAD, title=escape(heading(study)), title_justify="left", pad_edge=False)
    said.add_column()
    said.add_column("statement", ratio=1)
    said.add_column("verdict", no_wrap=True)
    counted = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    counted.add_column()
    for head in ("seeds", f"effect [{LEVEL} %]", "unit", "d", "p", "corrected"):
        counted.add_column(head, justify="left" if head == "unit" else "right", no_wrap=head != "unit")
    for conclusion in study.conclusions:
        claim = conclusion.claim
        said.add_row(f"[bold]{claim.key}", f"[bold]{escape(claim.title)}", _coloured(conclusion.verdict, "bold "))
        for finding in conclusion.findings:
            h = finding.hypothesis
            said.add_row(h.key, escape(h.statement), _coloured(finding.verdict))
            count, effect, *tests = figures(finding)
            counted.add_row(h.key, count, effect, escape(h.unit), *tests)
        said.add_section()
    console.print(said)
    console.print(counted)
    for line in (*reservations(study), *remarks(study)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def heading(study: Study) -> str:
    """What the table is about."""
    seeds = {run.seed for run in study.runs}
    return f"{_many(len(study.runs), 'run')} of {_many(len(seeds), 'seed')}"


def figures(finding: Finding) -> tuple[str, str, str, str, str]:
    """Seeds, effect with interval, standardised effect, p and corrected p of the claimed direction."""
    found = finding.estimate
    if found is None:
        return str(len(finding.numbers)), "-", "-", "-", "-"
    interval = "" if found.low is None or found.high is None else f" [{_number(found.low)}, {_number(found.high)}]"
    effect = f"{_number(found.mean)}{interval}"
    d = "-" if found.standardised is None else f"{found.standardised:.1f}"
    return str(found.count), effect, d, _p(found.p_above), _p(finding.p_above)


def reservations(study: Study) -> list[str]:
    """Whose verdict is withdrawn and why, and what the others would not pass."""
    findings = [finding for conclusion in study.conclusions for finding in conclusion.findings]
    lines = [f"{', '.join(keys)}: withdrawn, as {reason}" for reason, keys in withdrawals(findings).items()]
    seeds = max((found.estimate.count for found in findings if found.estimate), default=0)
    least = 0.5**seeds
    if seeds and least * len(findings) >= choices.ALPHA:
        lines.append(
            f"Verdicts are by the t-test, which assumes normal numbers. With {_many(seeds, 'seed')} the p of the exact "
            f"sign-flip test is at least {_p(least)}, corrected for {len(findings)} hypotheses "
            f"{_p(min(1, least * len(findings)))}: no hypothesis can pass it."
        )
    return lines


def remarks(study: Study) -> list[str]:
    """What is missing, the first reason of each hypothesis, and what was left out."""
    wanting: dict[str, list[str]] = {}
    for finding in (finding for conclusion in study.conclusions for finding in conclusion.findings):
        more = f" (and {len(finding.missing) - 1} more like it)" if len(finding.missing) > 1 else ""
        reasons = [finding.wants] * bool(finding.wants) + [f"{reason}{more}" for reason in finding.missing[:1]]
        if reasons:
            wanting.setdefault("; ".join(reasons), []).append(finding.hypothesis.key)
    lines = [f"{', '.join(keys)}: {reason}" for reason, keys in wanting.items()]
    return lines + [f"Left out: {left.folder}: {left.reason}" for left in study.left_out]


def as_markdown(study: Study, files: dict[str, str]) -> str:
    """The same with statements in full and the figures, by the names of their files."""
    lines = [f"# The paper's conclusions, tested over {heading(study)}", ""]
    lines += ["What was measured, compared and tested was fixed before: docs/study-plan.md of featevo.", ""]
    lines += [_row("claim", "verdict"), _row("---", "---")]
    lines += [_row(f"{c.claim.key}. {c.claim.title}", f"**{c.verdict}**") for c in study.conclusions]
    lines += ["", *(f"- {line}" for line in reservations(study))]
    for conclusion in study.conclusions:
        claim = conclusion.claim
        lines += ["", f"## {claim.key}. {claim.title}: {conclusion.verdict}", "", f"> {claim.paper}", ""]
        heads = (
            "",
            "statement",
            "seeds",
            f"effect [{LEVEL} %]",
            "unit",
            "d",
            "p",
            "p corrected",
            "p sign flips",
            "verdict",
        )
        lines += [_row(*heads), _row(*["---"] * len(heads))]
        for finding in conclusion.findings:
            flips = _p(finding.estimate.p_signs) if finding.estimate else "-"
            h = finding.hypothesis
            count, effect, *tests = figures(finding)
            lines.append(_row(h.key, h.statement, count, effect, h.unit, *tests, flips, finding.verdict))
        lines += ["", *(f"- {f.hypothesis.key}: {f.hypothesis.operational}" for f in conclusion.findings)]
        lines += [f"- {words}" for words in (claim.limits, claim.found_since) if words]
        if claim.key in files:
            lines += ["", f"![{claim.title}]({files[claim.key]})"]
    said = remarks(study)
    lines += ["", "## Missing and left out", "", *(f"- {line}" for line in said)] if said else []
    return "\n".join(lines) + "\n"


def as_json(study: Study, files: dict[str, str]) -> dict[str, Any]:
    """Everything, so that a page can show it without asking the runs."""
    plan = {name.lower(): value for name, value in vars(choices).items() if name.isupper()}
    return {
        "schema": 1,
        "plan": plan,
        "runs": [
            {"folder": str(run.folder), "seed": run.seed, "init": run.init, "classes": run.classes}
            for run in study.runs
        ],
        "left_out": [{"folder": str(left.folder), "reason": left.reason} for left in study.left_out],
        "claims": [_claim(conclusion, files) for conclusion in study.conclusions],
    }


def _claim(conclusion: Conclusion, files: dict[str, str]) -> dict[str, Any]:
    claim = conclusion.claim
    return {
        "key": claim.key,
        "title": claim.title,
        "paper": claim.paper,
        "verdict": conclusion.verdict,
        "limits": f"{claim.limits} {claim.found_since}".strip(),
        "figure": files.get(claim.key),
        "hypotheses": [_finding(finding) for finding in conclusion.findings],
        "panels": [asdict(panel) for panel in conclusion.panels],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    h = finding.hypothesis
    words = ("key", "statement", "operational", "unit", "needs", "measure", "withdrawn")
    return {
        **{word: getattr(h, word) for word in words},
        "numbers": {str(seed): number for seed, number in finding.numbers.items()},
        "estimate": asdict(finding.estimate) if finding.estimate else None,
        "p_above_corrected": finding.p_above,
        "p_below_corrected": finding.p_below,
        "verdict": finding.verdict,
        "wants": finding.wants,
        "missing": list(finding.missing),
    }


def _coloured(verdict: str, style: str = "") -> str:
    return f"[{style}{COLOURS[verdict]}]{verdict}[/]"


def _number(value: float) -> str:
    """Three significant digits, without an exponent where people would not write one."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e3 or value == 0 else f"{value:.2e}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
