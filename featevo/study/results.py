"""The results: tables for the terminal; as files `study.md`, `study.json` and a figure per claim."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.errors import UserError
from featevo.record.files import write_json, write_text
from featevo.record.markdown import in_markdown
from featevo.study import choices
from featevo.study.figure import save_conclusion
from featevo.study.findings import Conclusion, Finding, Study
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, WITHDRAWN, by_reason

LEVEL = round(100 * choices.LEVEL)
COLOURS = {SUPPORTED: "green", CONTRADICTED: "red", UNDECIDED: "yellow", WITHDRAWN: "yellow"}


def write_study(study: Study, out: Path) -> dict[str, str]:
    """Write all files into the folder `out`.

    Returns:
        The file name of each claim's figure, by the claim's key.

    Raises:
        UserError: The folder cannot be written.
    """
    files = {conclusion.claim.key: f"claim-{conclusion.claim.key}.png" for conclusion in study.conclusions}
    try:
        for conclusion in study.conclusions:
            save_conclusion(conclusion, out / files[conclusion.claim.key])
        write_text(out / "study.md", as_markdown(study, files))
        write_json(out / "study.json", as_json(study, files))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a folder") from error
    return files


def print_study(study: Study) -> None:
    """Print the statements with their verdicts, the numbers, and what is missing."""
    statements = Table(box=box.SIMPLE_HEAD, title=escape(_heading(study)), title_justify="left", pad_edge=False)
    statements.add_column()
    statements.add_column("statement", ratio=1)
    statements.add_column("verdict", no_wrap=True)
    numbers = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    numbers.add_column()
    for head in ("seeds", f"effect [{LEVEL} %]", "unit", "d", "p", "corrected"):
        numbers.add_column(head, justify="left" if head == "unit" else "right", no_wrap=head != "unit")
    for conclusion in study.conclusions:
        claim = conclusion.claim
        statements.add_row(f"[bold]{claim.key}", f"[bold]{escape(claim.title)}", _coloured(conclusion.verdict, "bold "))
        for finding in conclusion.findings:
            h = finding.hypothesis
            statements.add_row(h.key, escape(h.statement), _coloured(finding.verdict))
            count, effect, *tests = _numbers(finding)
            numbers.add_row(h.key, count, effect, escape(h.unit), *tests)
        statements.add_section()
    console = Console()
    console.print(statements)
    console.print(numbers)
    for line in (*_reservations(study), *_remarks(study)):
        print(line)


def _heading(study: Study) -> str:
    seeds = {run.seed for run in study.runs}
    return f"{_many(len(study.runs), 'run')} of {_many(len(seeds), 'seed')}"


def _numbers(finding: Finding) -> tuple[str, str, str, str, str]:
    """Seeds, effect with interval, standardised effect, p and corrected p of the claimed direction."""
    found = finding.estimate
    if found is None:
        return str(len(finding.numbers)), "-", "-", "-", "-"
    interval = "" if found.low is None or found.high is None else f" [{_number(found.low)}, {_number(found.high)}]"
    effect = f"{_number(found.mean)}{interval}"
    d = "-" if found.standardised is None else f"{found.standardised:.1f}"
    return str(found.count), effect, d, _p(found.p_above), _p(finding.p_above)


def _reservations(study: Study) -> list[str]:
    """Withdrawn verdicts with reasons, and whether any hypothesis could pass the exact test."""
    findings = study.findings
    withdrawn = by_reason({f.hypothesis.key: f.hypothesis.withdrawn for f in findings})
    lines = [f"{keys}: withdrawn, as {reason}" for reason, keys in withdrawn.items()]
    seeds = max((found.estimate.count for found in findings if found.estimate), default=0)
    least = 0.5**seeds
    if seeds and least * len(findings) >= choices.ALPHA:
        lines.append(
            f"Verdicts are by the t-test, which assumes normal numbers. With {_many(seeds, 'seed')} the p of the exact "
            f"sign-flip test is at least {_p(least)}, corrected for {len(findings)} hypotheses "
            f"{_p(min(1, least * len(findings)))}: no hypothesis can pass it."
        )
    return lines


def _remarks(study: Study) -> list[str]:
    """What each hypothesis lacks, with the first of its reasons, and the runs left out."""
    lacks = {}
    for finding in study.findings:
        more = f" (and {len(finding.missing) - 1} more like it)" if len(finding.missing) > 1 else ""
        reasons = [finding.wants, *(f"{reason}{more}" for reason in finding.missing[:1])]
        lacks[finding.hypothesis.key] = "; ".join(filter(None, reasons))
    lines = [f"{keys}: {reason}" for reason, keys in by_reason(lacks).items()]
    return lines + [f"Left out: {left}" for left in study.left_out]


def as_markdown(study: Study, files: dict[str, str]) -> str:
    """The results in Markdown, with full statements and with the figures, given as file names by claim."""
    lines = [f"# The paper's conclusions, tested over {_heading(study)}", ""]
    lines += ["What was measured, compared and tested was fixed before: docs/study-plan.md of featevo.", ""]
    lines += [_row("claim", "verdict"), _row("---", "---")]
    lines += [_row(f"{c.claim.key}. {c.claim.title}", f"**{c.verdict}**") for c in study.conclusions]
    lines += ["", *(f"- {line}" for line in _reservations(study))]
    for conclusion in study.conclusions:
        claim = conclusion.claim
        lines += ["", f"## {claim.key}. {claim.title}: {conclusion.verdict}", "", f"> {claim.paper}", ""]
        tests = ("d", "p", "p corrected", "p sign flips")
        heads = ("", "statement", "seeds", f"effect [{LEVEL} %]", "unit", *tests, "verdict")
        lines += [_row(*heads), _row(*["---"] * len(heads))]
        for finding in conclusion.findings:
            flips = _p(finding.estimate.p_signs) if finding.estimate else "-"
            h = finding.hypothesis
            count, effect, *values = _numbers(finding)
            lines.append(_row(h.key, h.statement, count, effect, h.unit, *values, flips, finding.verdict))
        lines += ["", *(f"- {f.hypothesis.key}: {f.hypothesis.operational}" for f in conclusion.findings)]
        lines += [f"- {words}" for words in (claim.limits, claim.found_since) if words]
        lines += ["", f"![{claim.title}]({files[claim.key]})"]
    remarks = _remarks(study)
    lines += ["", "## Missing and left out", "", *(f"- {in_markdown(line)}" for line in remarks)] if remarks else []
    return "\n".join(lines) + "\n"


def as_json(study: Study, files: dict[str, str]) -> dict[str, Any]:
    """All results, so that a page needs no run folder."""
    return {
        "schema": 1,
        "plan": {name.lower(): value for name, value in vars(choices).items() if name.isupper()},
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
        **{word: getattr(claim, word) for word in ("key", "title", "paper")},
        "verdict": conclusion.verdict,
        "limits": f"{claim.limits} {claim.found_since}".strip(),
        "figure": files[claim.key],
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
    """Three significant digits; with an exponent only for very small and very large values."""
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e3 or value == 0 else f"{value:.2e}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
