"""From runs to verdicts: hypotheses are estimated over seeds, corrected as a family, and concluded by claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from featevo.record.find import LeftOut
from featevo.study.choices import LEAST_SEEDS
from featevo.study.claim import Claim, Hypothesis, Line, Panel
from featevo.study.claims import CLAIMS
from featevo.study.judges import require_one_judge
from featevo.study.runs import Missing, Run, Seed, by_seed
from featevo.study.statistics import Estimate, estimate, holm, verdict
from featevo.study.verdicts import UNDECIDED, WITHDRAWN, concluded


@dataclass(frozen=True)
class Finding:
    """The result for one hypothesis.

    Attributes:
        hypothesis: The hypothesis.
        numbers: Numbers by seed.
        missing: Why seeds have no number, without duplicates.
        estimate: None for fewer than two numbers.
        p_above, p_below: p values corrected for the family.
    """

    hypothesis: Hypothesis
    numbers: dict[int, float]
    missing: tuple[str, ...]
    estimate: Estimate | None
    p_above: float
    p_below: float

    @property
    def verdict(self) -> str:
        """One of the four verdicts."""
        if self.hypothesis.withdrawn:
            return WITHDRAWN
        return verdict(self.estimate, self.p_above, self.p_below) if self.estimate else UNDECIDED

    @property
    def wants(self) -> str:
        """The seeds that a verdict still needs; empty where there are enough, or the verdict is withdrawn."""
        more = LEAST_SEEDS - len(self.numbers)
        return f"needs {more} more seed{'s' if more > 1 else ''}" if more > 0 and not self.hypothesis.withdrawn else ""


@dataclass(frozen=True)
class Conclusion:
    """A claim with its findings and the panels of its figure."""

    claim: Claim
    findings: tuple[Finding, ...]
    panels: tuple[Panel, ...]

    @property
    def verdict(self) -> str:
        """The verdict on the whole claim."""
        return concluded({finding.verdict for finding in self.findings})


@dataclass(frozen=True)
class Study:
    """All results: the runs used, the runs left out, and one conclusion per claim."""

    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]
    conclusions: tuple[Conclusion, ...]

    @property
    def findings(self) -> list[Finding]:
        """The findings of all claims."""
        return [finding for conclusion in self.conclusions for finding in conclusion.findings]


def evaluate(runs: Sequence[Run], left_out: Sequence[LeftOut] = ()) -> Study:
    """Test all claims; the arguments are as `collect` returns them.

    All hypotheses are one family, including those that these runs cannot test.
    """
    seeds = by_seed(runs)
    family = [h for claim in CLAIMS for h in claim.hypotheses]
    numbers = [_numbers(h, seeds) for h in family]
    estimates = [estimate([*found.values()]) if len(found) > 1 else None for found, _ in numbers]
    above = holm([found.p_above if found else 1.0 for found in estimates])
    below = holm([found.p_below if found else 1.0 for found in estimates])
    rows = zip(family, numbers, estimates, above, below, strict=True)
    findings = {h.key: Finding(h, found, missing, sample, p, q) for h, (found, missing), sample, p, q in rows}
    conclusions = tuple(
        Conclusion(claim, tuple(findings[h.key] for h in claim.hypotheses), tuple(_panels(claim, seeds)))
        for claim in CLAIMS
    )
    return Study(tuple(runs), tuple(left_out), conclusions)


def _numbers(hypothesis: Hypothesis, seeds: Sequence[Seed]) -> tuple[dict[int, float], tuple[str, ...]]:
    """The numbers by seed, and why others are missing; no numbers where the runs' judges must not be compared."""
    found: dict[int, float] = {}
    missing: dict[str, None] = {}
    for seed in seeds:
        try:
            found[seed.number] = hypothesis.number(seed)
        except Missing as reason:
            missing[str(reason)] = None
    try:
        used = [seed for seed in seeds if seed.number in found]
        require_one_judge(hypothesis, [run for seed in used for init in hypothesis.inits for run in seed.of(init)])
    except Missing as reason:
        return {}, (str(reason),)
    return found, tuple(missing)


def _panels(claim: Claim, seeds: Sequence[Seed]) -> Iterator[Panel]:
    for panel, lines_of in claim.panels:
        lines: list[Line] = []
        for seed in seeds:
            with suppress(Missing):
                lines += lines_of(seed)
        if lines:
            yield replace(panel, lines=tuple(lines))
