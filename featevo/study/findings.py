"""From runs to verdicts: hypotheses and their controls are estimated over seeds and corrected as families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featevo.record.find import LeftOut
from featevo.study.choices import LEAST_SEEDS, OTHER_VIEWER, PRIMARY, REPLICATION
from featevo.study.collect import deviations
from featevo.study.fitting import Fit, fits
from featevo.study.hypotheses import HYPOTHESES, Hypothesis, Number
from featevo.study.numbers import Parts, Reader, contrast, likeness
from featevo.study.panels import Panel
from featevo.study.runs import Missing, Run, Seed, by_seed
from featevo.study.secondary import Answer, answers
from featevo.study.statistics import Estimate, estimate, holm, result
from featevo.study.verdicts import NONE, decided


@dataclass(frozen=True)
class Sample:
    """One number per seed.

    Attributes:
        numbers: The smallest difference by seed, tested for being above 0.
        largest: The largest difference by seed, tested for being below 0; the same where there is one difference.
        missing: Why seeds have no number, without duplicates.
    """

    numbers: dict[int, float]
    largest: dict[int, float]
    missing: tuple[str, ...]

    @property
    def estimate(self) -> Estimate | None:
        """None without numbers."""
        return estimate([*self.numbers.values()], [*self.largest.values()]) if self.numbers else None


@dataclass(frozen=True)
class Tested:
    """A sample with its place in a family of tests: p values corrected by Holm, and the result."""

    sample: Sample
    estimate: Estimate | None
    p_above: float
    p_below: float
    result: str


@dataclass(frozen=True)
class Finding:
    """The result for one hypothesis on one data set.

    Attributes:
        hypothesis: The hypothesis.
        data: Name of the data set.
        main: Its numbers and test.
        control: Its null numbers and their test.
        beside: Samples that are reported and not tested, by name: the other viewer, the contrast.
        panels: Diagrams of its runs.
        deviates: Whether runs on this data set have other sizes than planned.
    """

    hypothesis: Hypothesis
    data: str
    main: Tested
    control: Tested
    beside: dict[str, Sample]
    panels: tuple[Panel, ...]
    deviates: bool

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        return self._decided[0]

    @property
    def why(self) -> str:
        """The reason of a verdict that the number alone does not give; empty for others."""
        return self._decided[1]

    @property
    def _decided(self) -> tuple[str, str]:
        if self.deviates:
            return NONE, "runs deviate from the plan"
        fewest = min(len(self.main.sample.numbers), len(self.control.sample.numbers))
        if fewest < LEAST_SEEDS:
            return NONE, f"{fewest} of {LEAST_SEEDS} seeds"
        return decided(self.main.result, self.control.result)


@dataclass(frozen=True)
class OfData:
    """The results on one data set: of all hypotheses and questions, what each arm learned, deviations from the plan."""

    data: str
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    fits: tuple[Fit, ...]
    deviations: tuple[str, ...]

    @property
    def role(self) -> str:
        """What the data set is for."""
        return "primary" if self.data == PRIMARY else "replication"


@dataclass(frozen=True)
class Study:
    """All results: the runs used, the runs left out, and the results on each data set that has runs."""

    runs: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]
    parts: tuple[OfData, ...]


def evaluate(runs: Sequence[Run], left_out: Sequence[LeftOut] = ()) -> Study:
    """Test all hypotheses on each data set; the arguments are as `collect` returns them."""
    used = [data for data in (PRIMARY, REPLICATION) if any(run.data == data for run in runs)]
    return Study(tuple(runs), tuple(left_out), tuple(_on(data, runs) for data in used))


def _on(data: str, runs: Sequence[Run]) -> OfData:
    seeds = by_seed(runs, data)
    different = tuple(deviations([run for run in runs if run.data == data]))
    main = _tests([_sample(h.number, likeness(), seeds) for h in HYPOTHESES])
    control = _tests([_sample(h.null_number, likeness(), seeds) for h in HYPOTHESES])
    findings = tuple(
        Finding(
            hypothesis=h,
            data=data,
            main=test,
            control=null,
            beside=_beside(h, seeds),
            panels=tuple(panel for drawing in h.drawings if (panel := drawing.drawn(seeds)).lines),
            deviates=bool(different),
        )
        for h, test, null in zip(HYPOTHESES, main, control, strict=True)
    )
    return OfData(data, findings, answers(seeds), fits(seeds), different)


def _tests(samples: Sequence[Sample]) -> list[Tested]:
    """The tests of one family, which has all hypotheses, also those without numbers."""
    estimates = [sample.estimate for sample in samples]
    above = holm([found.p_above if found else 1.0 for found in estimates])
    below = holm([found.p_below if found else 1.0 for found in estimates])
    return [
        Tested(sample, found, p, q, result(len(sample.numbers), p, q))
        for sample, found, p, q in zip(samples, estimates, above, below, strict=True)
    ]


def _beside(h: Hypothesis, seeds: Sequence[Seed]) -> dict[str, Sample]:
    if not h.of_likeness:
        return {}
    readers = {OTHER_VIEWER: likeness(OTHER_VIEWER), "contrast": contrast}
    return {name: _sample(h.number, read, seeds) for name, read in readers.items()}


def _sample(number: Number, read: Reader, seeds: Sequence[Seed]) -> Sample:
    parts: dict[int, Parts] = {}
    missing: dict[str, None] = {}
    for seed in seeds:
        try:
            parts[seed.number] = number(seed, read)
        except Missing as reason:
            missing[str(reason)] = None
    smallest = {seed: min(found) for seed, found in parts.items()}
    return Sample(smallest, {seed: max(found) for seed, found in parts.items()}, tuple(missing))
