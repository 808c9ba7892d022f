"""Do the study's methods keep what they promise? python benchmarks/study_calibration.py

Simulates samples whose truth is known and writes docs/study-calibration.json and .md: what intervals of few seeds
cover, how often a study of ten hypotheses says anything wrong, how often it finds what is there, and which way of
correlating two curves is not fooled by trends that they share. Expect four minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from featevo.record.files import write_text
from featevo.study.choices import ALPHA, LEVEL
from featevo.study.curves import detrended_correlation
from featevo.study.statistics import CONTRADICTED, SUPPORTED, estimate, holm, studentized_interval, verdict

DOCS = Path(__file__).parent.parent / "docs"
FAMILY, STUDIES, EPOCHS = 10, 400, 20
Row = dict[str, Any]

# All of mean 0; the last is what whole epochs give.
SAMPLES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n),
    "heavy tails (t, 3)": lambda rng, n: rng.standard_t(3, n),
    "skewed (exponential)": lambda rng, n: rng.exponential(size=n) - 1,
    "skewed, other way": lambda rng, n: 1 - rng.exponential(size=n),
    "whole numbers": lambda rng, n: rng.normal(0, 0.8, n).round(),
}

TRENDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda time: 0 * time,
    "line": lambda time: 3 * time,
    "saturating": lambda time: 3 * (1 - np.exp(-4 * time)),
    "accelerating": lambda time: 3 * time**2,
}


def intervals(rng: np.random.Generator) -> Iterator[Row]:
    """Share of intervals that hold the true mean."""

    def library(method: str) -> Callable[[np.ndarray], tuple[float, float]]:
        def interval(sample: np.ndarray) -> tuple[float, float]:
            found = stats.bootstrap((sample,), np.mean, confidence_level=LEVEL, method=method, n_resamples=999, rng=rng)
            return found.confidence_interval.low, found.confidence_interval.high

        return interval

    def student(sample: np.ndarray) -> tuple[float, float]:
        return stats.t.interval(LEVEL, len(sample) - 1, sample.mean(), stats.sem(sample))

    methods = {"studentized (used)": studentized_interval, "Student's t": student}
    methods |= {"percentile": library("percentile"), "BCa": library("BCa")}
    for seeds in (5, 8):
        for name, draw in SAMPLES.items():
            samples = [sample for sample in (draw(rng, seeds) for _ in range(STUDIES)) if np.ptp(sample) > 0]
            ends = {method: np.array([interval(sample) for sample in samples]) for method, interval in methods.items()}
            covered = {method: float(np.mean((low <= 0) & (high >= 0))) for method, (low, high) in _columns(ends)}
            yield {"seeds": seeds, "numbers": name, **covered}


def _columns(ends: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    yield from ((method, pairs.T) for method, pairs in ends.items())


def words(rng: np.random.Generator, draw: Callable[..., np.ndarray], effects: list[float], seeds: int) -> list[str]:
    """The verdicts of one study; effects in standard deviations over seeds."""
    found = [estimate(effect + draw(rng, seeds)) for effect in effects]
    above, below = holm([f.p_above for f in found]), holm([f.p_below for f in found])
    return [verdict(f, a, b) for f, a, b in zip(found, above, below, strict=True)]


def mistakes(rng: np.random.Generator) -> Iterator[Row]:
    """Share of studies of nothing that say anything."""
    for seeds in (5, 8):
        for name, draw in SAMPLES.items():
            said = [words(rng, draw, [0.0] * FAMILY, seeds) for _ in range(STUDIES)]
            wrong = {f"any {word}": float(np.mean([word in one for one in said])) for word in (SUPPORTED, CONTRADICTED)}
            yield {"seeds": seeds, "numbers": name, **wrong}


def power(rng: np.random.Generator) -> Iterator[Row]:
    """Share of true effects that are supported, where five of ten are true."""
    for seeds in (5, 8, 10):
        row: Row = {"seeds": seeds}
        for effect in (1.0, 1.5, 2.0, 3.0):
            true = [words(rng, SAMPLES["normal"], [effect] * 5 + [0.0] * 5, seeds)[:5] for _ in range(STUDIES // 4)]
            row[f"{effect:g} sd"] = float(np.mean([word == SUPPORTED for one in true for word in one]))
        yield row


def trends(rng: np.random.Generator) -> Iterator[Row]:
    """Share of studies of five seeds in which curves that share a trend alone correlate; t-test at `ALPHA`."""
    time = np.linspace(0, 1, EPOCHS)

    def wandering(memory: float) -> np.ndarray:
        noise = rng.normal(0, 0.3, EPOCHS)
        for here in range(1, EPOCHS):
            noise[here] += memory * noise[here - 1]
        return noise

    def without(degree: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda curve: curve - np.polyval(np.polyfit(time, curve, degree), time)

    ways = {"as they are": without(0), "differences": np.diff, "line taken out": without(1), "parabola": without(2)}
    for memory in (0.0, 0.8):
        for name, trend in TRENDS.items():
            pairs = [
                [[trend(time) + wandering(memory) for _ in range(2)] for _ in range(5)] for _ in range(STUDIES // 2)
            ]
            row: Row = {"shared trend": name, "memory of the noise": memory}
            for way, apply in ways.items():
                row[way] = _fooled(pairs, lambda a, b, apply=apply: stats.spearmanr(apply(a), apply(b)).statistic)
            row["cubic (used)"] = _fooled(
                pairs, lambda a, b: detrended_correlation(dict(enumerate(a)), dict(enumerate(b)))
            )
            yield row


def _fooled(pairs: list[list[list[np.ndarray]]], correlate: Callable[..., float]) -> float:
    numbers = np.array([[correlate(a, b) for a, b in study] for study in pairs])
    return float(np.mean(stats.ttest_1samp(numbers, 0, axis=1, alternative="greater").pvalue < ALPHA))


PARTS = {
    "Intervals": (intervals, f"Share of {LEVEL:.0%} intervals that hold the true mean; {STUDIES} samples a row."),
    "Wrong verdicts": (
        mistakes,
        f"Share of studies of {FAMILY} hypotheses whose effects are all 0 that say `supported` of any, or "
        f"`contradicted`; {ALPHA} is promised. {STUDIES} studies a row, standard error 0.011.",
    ),
    "Power": (
        power,
        f"Share of true effects found: five of {FAMILY} hypotheses true by so many standard deviations over seeds, "
        f"normal numbers; {STUDIES // 4} studies a cell.",
    ),
    "Shared trends": (
        trends,
        f"Share of studies in which two unrelated curves of {EPOCHS} epochs that share a trend are said to go "
        f"together, uncorrected at {ALPHA}, five seeds; {STUDIES // 2} studies a row, standard error 0.015.",
    ),
}


def main() -> None:
    """Simulate and write."""
    rng = np.random.default_rng(0)
    lines = ["# How far the study's methods can be trusted", "", "Written by `python benchmarks/study_calibration.py`."]
    content = {}
    for title, (simulate, words_) in PARTS.items():
        rows = list(simulate(rng))
        content[title] = rows
        lines += ["", f"## {title}", "", words_, "", _line(rows[0]), _line(dict.fromkeys(rows[0], "---").values())]
        lines += [
            _line(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row.values()) for row in rows
        ]
        print("\n".join(lines[-len(rows) - 2 :]), flush=True)
    write_text(DOCS / "study-calibration.md", "\n".join(lines) + "\n")
    write_text(DOCS / "study-calibration.json", json.dumps(content, indent=1) + "\n")


def _line(cells: Any) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
