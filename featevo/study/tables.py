"""The results as tables in the terminal, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.study import choices
from featevo.study.arms import SUFFIX
from featevo.study.findings import Sample, Study, Tested
from featevo.study.verdicts import CONTRADICTED, SUPPORTED

LEVEL = round(100 * choices.LEVEL)
COLOURS = {SUPPORTED: "green", CONTRADICTED: "red"}


def print_study(study: Study) -> None:
    """Print the statements with their verdicts, the numbers, and what is missing."""
    statements = Table(box=box.SIMPLE_HEAD, title=escape(heading(study)), title_justify="left", pad_edge=False)
    statements.add_column()
    statements.add_column("statement", ratio=1)
    statements.add_column("verdict", no_wrap=True)
    numbers = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("", "", "seeds", f"median [{LEVEL} %]", "p", "Holm"):
        numbers.add_column(head, justify="right" if head else "left", no_wrap=True)
    for part in study.parts:
        statements.add_row("", f"[bold]{part.data} ({part.role})", "")
        numbers.add_row("", f"[bold]{part.data}")
        for finding in part.findings:
            h = finding.hypothesis
            colour = COLOURS.get(finding.verdict, "yellow")
            statements.add_row(h.key, escape(h.statement), f"[{colour}]{finding.verdict}[/]")
            for key, name, test in ((h.key, h.unit, finding.main), ("", "control", finding.control)):
                seeds, _, median, p, corrected, *_ = numbers_of(test.sample, test)
                numbers.add_row(key, name, seeds, median, p, corrected)
        statements.add_section()
    console = Console()
    console.print(statements)
    console.print(numbers)
    for line in remarks(study):
        print(line)


def heading(study: Study) -> str:
    """The numbers of runs and seeds."""
    seeds = {run.seed for run in study.runs}
    return f"{_many(len(study.runs), 'run')} of {_many(len(seeds), 'seed')}"


def numbers_of(sample: Sample, test: Tested | None = None) -> tuple[str, str, str, str, str, str, str]:
    """Seeds, zeros, median with interval, p, corrected p, mean, p of the t-test.

    The direction of p is as claimed, or the opposite where that is the result. Without a test there is no p.
    """
    found = sample.estimate
    if found is None:
        return "0", "-", "-", "-", "-", "-", "-"
    interval = "" if found.low is None or found.high is None else f" [{number(found.low)}, {number(found.high)}]"
    p, corrected, t = found.p_above, test.p_above if test else None, found.t_above
    if test and test.result == CONTRADICTED:
        p, corrected, t = found.p_below, test.p_below, found.t_below
    return (
        str(found.count),
        str(found.zeros),
        f"{number(found.median)}{interval}",
        p_text(p) if test else "-",
        p_text(corrected),
        number(found.mean),
        p_text(t if test else None),
    )


def remarks(study: Study) -> list[str]:
    """Reasons of verdicts, deviations from the plan, what hypotheses lack, weak controls, and the runs left out."""
    lines = []
    for part in study.parts:
        lines += [f"{part.data}: not as planned: {what}" for what in _first(part.deviations)]
        for finding in part.findings:
            label = f"{part.data} {finding.hypothesis.key}"
            lines += [f"{label}: {finding.verdict}: {finding.why}"] if finding.why else []
            for name, test in (("", finding.main), (" control", finding.control)):
                lines += [f"{label}{name}: {what}" for what in _first(test.sample.missing)]
        lines += [
            f"{part.data}: a weak control: {len(fit.unlearned)} of {len(fit.accuracy)} runs of {fit.arm} learned none "
            "of their labels, their training accuracy ends near chance"
            for fit in part.fits
            if fit.unlearned and fit.arm.endswith(SUFFIX)
        ]
    return lines + [f"Left out: {left}" for left in study.left_out]


def _first(reasons: Sequence[str]) -> list[str]:
    """The first of several reasons, with the number of the others; empty without any."""
    more = f" (and {len(reasons) - 1} more like it)" if len(reasons) > 1 else ""
    return [f"{reason}{more}" for reason in reasons[:1]]


def number(value: float) -> str:
    """Three significant digits, two of small values."""
    return f"{value:.3g}" if abs(value) >= 1e-2 or value == 0 else f"{value:.2g}"


def spread(values: Sequence[float]) -> str:
    """The median and the range, or a dash without values."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})" if values else "-"


def p_text(value: float | None) -> str:
    """A probability, or a dash."""
    if value is None:
        return "-"
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
