"""The results as files: `study.md`, `study.json` and a figure per claim."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.files import write_json, write_text
from featevo.record.markdown import in_markdown
from featevo.study import choices
from featevo.study.figure import save_finding
from featevo.study.findings import Finding, OfData, Sample, Study, Tested
from featevo.study.fitting import Fit
from featevo.study.secondary import Answer
from featevo.study.tables import LEVEL, heading, number, numbers_of, p_text, remarks, spread
from featevo.study.verdicts import SCHEMA


def write_study(study: Study, out: Path) -> None:
    """Write all files into the folder `out`.

    Raises:
        UserError: The folder cannot be written.
    """
    try:
        for part in study.parts:
            for finding in part.findings:
                save_finding(finding, out / figure_of(finding))
        write_text(out / "study.md", as_markdown(study))
        write_json(out / "study.json", as_json(study))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a folder") from error


def figure_of(finding: Finding) -> str:
    """The file name of a claim's figure."""
    return f"{finding.data}-{finding.hypothesis.key}.png"


def as_markdown(study: Study) -> str:
    """The results in Markdown, with full statements and with the figures."""
    lines = [f"# The paper's conclusions, tested over {heading(study)}", ""]
    lines += ["What is measured, compared and tested was fixed before: docs/study-plan.md of featevo.", ""]
    lines += [_row("data", "claim", "verdict"), _row(*["---"] * 3)]
    for part in study.parts:
        lines += [
            _row(part.data, f"{f.hypothesis.key}. {f.hypothesis.title}", f"**{f.verdict}**") for f in part.findings
        ]
    for part in study.parts:
        lines += ["", f"## {part.data} ({part.role})"]
        for finding in part.findings:
            lines += _section(finding)
        lines += _secondary(part)
        lines += _fitted(part)
    left = remarks(study)
    lines += ["", "## Remarks", "", *(f"- {in_markdown(line)}" for line in left)] if left else []
    return "\n".join(lines) + "\n"


def _section(finding: Finding) -> list[str]:
    h = finding.hypothesis
    heads = ("", "seeds", "zeros", f"median [{LEVEL} %]", "p", "p corrected", "mean", "p of t")
    rows = {"hypothesis": finding.main, "control": finding.control}
    lines = ["", f"### {h.key}. {h.title}: {finding.verdict}", "", f"> {h.paper}", "", h.statement]
    lines += [f"Verdict: {finding.verdict}, as {finding.why}."] if finding.why else []
    lines += ["", _row(*heads), _row(*["---"] * len(heads))]
    lines += [_row(name, *numbers_of(test.sample, test)) for name, test in rows.items()]
    lines += [_row(name, *numbers_of(sample)) for name, sample in finding.beside.items()]
    lines += ["", f"- Number: {h.operational} Unit: {h.unit}.", f"- Control: {h.control}", f"- Limits: {h.limits}"]
    return [*lines, "", f"![{h.title}]({figure_of(finding)})"]


def _secondary(part: OfData) -> list[str]:
    lines = ["", "### Secondary questions, without verdicts", ""]
    for answer in part.answers:
        q, found = answer.question, answer.estimate
        lines.append(f"- {q.key}: {q.statement} {q.operational}")
        if found is None:
            lines[-1] += " No numbers."
            continue
        _, _, median, *_ = numbers_of(Sample(answer.numbers, answer.numbers, ()))
        lines[-1] += f" **Median {median} {q.unit}, seeds: {found.count}.**"
        if answer.p is not None:
            lines[-1] += f" {answer.above} of {found.count} are above the control's largest; P = {p_text(answer.p)}."
        elif found.deviation is not None:
            lines[-1] += f" Mean {number(found.mean)}, standard deviation {number(found.deviation)}."
    return lines


def _fitted(part: OfData) -> list[str]:
    heads = ("arm", "training accuracy", "chance", "rise of likeness", "seeds that rise")
    lines = ["", "### What the networks learned of their labels", ""]
    lines += [
        "Added after the results. A twin that learns none of its labels is a weak control. Medians, and the range.",
        "",
    ]
    lines += [_row(*heads), _row(*["---"] * len(heads))]
    for fit in part.fits:
        above = sum(value > 0 for value in fit.rises.values())
        accuracy, rises = (spread([*values.values()]) for values in (fit.accuracy, fit.rises))
        lines.append(_row(f"`{fit.arm}`", accuracy, f"{fit.chance:g}", rises, f"{above} of {len(fit.rises)}"))
    return lines


def as_json(study: Study) -> dict[str, Any]:
    """All results, so that a page needs no run folder."""
    return {
        "schema": SCHEMA,
        "plan": {name.lower(): value for name, value in vars(choices).items() if name.isupper()},
        "runs": [{"folder": str(run.folder), "data": run.data, "arm": run.arm, "seed": run.seed} for run in study.runs],
        "left_out": [{"folder": str(left.folder), "reason": left.reason} for left in study.left_out],
        "deviations": {part.data: list(part.deviations) for part in study.parts},
        "claims": [_claim(finding) for part in study.parts for finding in part.findings],
        "secondary": [_answer(part.data, answer) for part in study.parts for answer in part.answers],
        "fits": [_fit(part.data, fit) for part in study.parts for fit in part.fits],
    }


def _claim(finding: Finding) -> dict[str, Any]:
    h = finding.hypothesis
    words = ("key", "title", "paper", "statement", "operational", "unit", "limits")
    return {
        "data": finding.data,
        **{word: getattr(h, word) for word in words},
        "verdict": finding.verdict,
        "why": finding.why,
        "figure": figure_of(finding),
        "hypothesis": _test(finding.main),
        "control": {"operational": h.control, **_test(finding.control)},
        "beside": {name: _sample(sample) for name, sample in finding.beside.items()},
        "panels": [asdict(panel) for panel in finding.panels],
    }


def _test(test: Tested) -> dict[str, Any]:
    corrected = {"p_above_corrected": test.p_above, "p_below_corrected": test.p_below}
    return {**_sample(test.sample), **corrected, "result": test.result}


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "numbers": _by_seed(sample.numbers),
        "largest": _by_seed(sample.largest),
        "estimate": asdict(found) if (found := sample.estimate) else None,
        "missing": list(sample.missing),
    }


def _answer(data: str, answer: Answer) -> dict[str, Any]:
    return {
        "data": data,
        **{word: getattr(answer.question, word) for word in ("key", "statement", "operational", "unit")},
        "numbers": _by_seed(answer.numbers),
        "twins": _by_seed(answer.twins),
        "estimate": asdict(answer.estimate) if answer.estimate else None,
        "above": answer.above,
        "p": answer.p,
        "missing": list(answer.missing),
    }


def _fit(data: str, fit: Fit) -> dict[str, Any]:
    by_seed = {"accuracy": _by_seed(fit.accuracy), "rises": _by_seed(fit.rises)}
    return {"data": data, "arm": fit.arm, "chance": fit.chance, **by_seed}


def _by_seed(numbers: dict[int, float]) -> dict[str, float]:
    return {str(seed): value for seed, value in numbers.items()}


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
