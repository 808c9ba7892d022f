"""From runs to verdicts: every hypothesis estimated over seeds, the family corrected, each claim concluded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from featevo.record.find import LeftOut
from featevo.study.choices import LEAST_SEEDS
from featevo.study.claim import Claim, Hypothesis, Panel
from featevo.study.claims import CLAIMS
from featevo.study.judges import one_fair_judge
from featevo.study.runs import Missing, Run
from featevo.study.seeds import Seed, by_seed
from featevo.study.statistics import Estimate, estimate, holm, verdict
from featevo.study.verdicts import UNDECIDED, WITHDRAWN, concluded


@dataclass(frozen=True)
class Finding:
    """What the runs say of one hypothesis.

    Attributes:
        hypothesis: Which.
        numbers: By seed.
        missing: Why seeds have no number, each reason once.
        estimate: None below two numbers.
        p_above, p_below: Corrected for the family.
        verdict: One of four words.
        wants: What would have to be there for a verdict; empty where there is enough, or none is given.
    """

    hypothesis: Hypothesis
    numbers: dict[int, float]
    missing: tuple[str, ...]
    estimate: Estimate | None
    p_above: float
    p_below: float
    verdict: str
    wants: str


@dataclass(frozen=True)
class Conclusion:
    """A claim with its findings and what its figure shows."""

    claim: Claim
    findings: tuple[Finding, ...]
    panels: tuple[Panel, ...]

    @property
    def verdict(self) -> str:
        """Of the claim as a whole."""
        return concluded({finding.verdict for finding in self.findings})


@dataclass(frozen=True)
class Study:
    """All that was found.

    Attributes:
        runs: Those used.
        left_out: Those that were not.
        conclusions: One per claim.
    """

    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]
    conclusions: tuple[Conclusion, ...]


def evaluate(runs: Sequence[Run], left_out: Sequence[LeftOut] = (), claims: Sequence[Claim] = CLAIMS) -> Study:
    """Test all claims.

    Args:
        runs: As `collect` gives them.
        left_out: Likewise, for the record.
        claims: Their hypotheses are one family, whether or not these runs can test them all.
    """
    seeds = by_seed(runs)
    numbers = {h.key: _numbers(h, seeds) for claim in claims for h in claim.hypotheses}
    estimates = {key: estimate([*found.values()]) if len(found) > 1 else None for key, (found, _) in numbers.items()}
    above = _corrected({key: found.p_above if found else 1.0 for key, found in estimates.items()})
    below = _corrected({key: found.p_below if found else 1.0 for key, found in estimates.items()})
    conclusions = []
    for claim in claims:
        findings = []
        for h in claim.hypotheses:
            found, missing = numbers[h.key]
            said = estimates[h.key]
            computed = verdict(said, above[h.key], below[h.key]) if said else UNDECIDED
            given = WITHDRAWN if h.withdrawn else computed
            wants = "" if h.withdrawn else _wants(len(found))
            findings.append(Finding(h, found, missing, said, above[h.key], below[h.key], given, wants))
        conclusions.append(Conclusion(claim, tuple(findings), tuple(_panels(claim, seeds))))
    return Study(tuple(runs), tuple(left_out), tuple(conclusions))


def withdrawals(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """The keys of hypotheses whose verdict is withdrawn, by the reason."""
    keys: dict[str, list[str]] = {}
    for finding in findings:
        if finding.hypothesis.withdrawn:
            keys.setdefault(finding.hypothesis.withdrawn, []).append(finding.hypothesis.key)
    return keys


def _numbers(hypothesis: Hypothesis, seeds: Sequence[Seed]) -> tuple[dict[int, float], tuple[str, ...]]:
    """The numbers by seed, and why others are missing; none at all where the runs' judges forbid it."""
    found: dict[int, float] = {}
    missing: dict[str, None] = {}
    for seed in seeds:
        try:
            found[seed.number] = hypothesis.number(seed)
        except Missing as reason:
            missing[str(reason)] = None
    try:
        used = [seed for seed in seeds if seed.number in found]
        one_fair_judge(hypothesis, [run for seed in used for init in hypothesis.inits for run in seed.of(init)])
    except Missing as reason:
        return {}, (str(reason),)
    return found, tuple(missing)


def _panels(claim: Claim, seeds: Sequence[Seed]) -> Iterator[Panel]:
    """Each of the seeds that have what it shows, none without."""
    for panel in claim.panels:
        whole = []
        for seed in seeds:
            try:
                panel([seed])
            except Missing:
                continue
            whole.append(seed)
        if whole:
            yield panel(whole)


def _corrected(p_values: dict[str, float]) -> dict[str, float]:
    return dict(zip(p_values, holm([*p_values.values()]), strict=True))


def _wants(count: int) -> str:
    more = LEAST_SEEDS - count
    return f"needs {more} more seed{'s' if more > 1 else ''}" if more > 0 else ""
