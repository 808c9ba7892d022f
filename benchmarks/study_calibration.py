"""Tests the study's methods on simulated data with known truth: python benchmarks/study_calibration.py

Writes docs/study-calibration.json and .md: the coverage of intervals from few seeds, how often a study of ten
hypotheses gives a wrong verdict, how often it finds true effects, and how often each method of correlating two curves
is misled by a shared trend. Expect four minutes on one core.
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

# All have mean 0; the last is like a measure that counts whole epochs.
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
    """Share of intervals that contain the true mean."""

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


def verdicts(rng: np.random.Generator, draw: Callable[..., np.ndarray], effects: list[float], seeds: int) -> list[str]:
    """The verdicts of one study; effects in standard deviations over seeds."""
    found = [estimate(effect + draw(rng, seeds)) for effect in effects]
    above, below = holm([f.p_above for f in found]), holm([f.p_below for f in found])
    return [verdict(f, a, b) for f, a, b in zip(found, above, below, strict=True)]


def mistakes(rng: np.random.Generator) -> Iterator[Row]:
    """Share of studies without any true effect that give a verdict other than undecided."""
    for seeds in (5, 8):
        for name, draw in SAMPLES.items():
            runs = [verdicts(rng, draw, [0.0] * FAMILY, seeds) for _ in range(STUDIES)]
            wrong = {f"any {word}": float(np.mean([word in one for one in runs])) for word in (SUPPORTED, CONTRADICTED)}
            yield {"seeds": seeds, "numbers": name, **wrong}


def power(rng: np.random.Generator) -> Iterator[Row]:
    """Share of true effects that are supported, if five of ten are true."""
    for seeds in (5, 8, 10):
        row: Row = {"seeds": seeds}
        for effect in (1.0, 1.5, 2.0, 3.0):
            true = [verdicts(rng, SAMPLES["normal"], [effect] * 5 + [0.0] * 5, seeds)[:5] for _ in range(STUDIES // 4)]
            row[f"{effect:g} sd"] = float(np.mean([word == SUPPORTED for one in true for word in one]))
        yield row


def trends(rng: np.random.Generator) -> Iterator[Row]:
    """Share of studies of five seeds that find a correlation of curves that only share a trend; t-test at `ALPHA`."""
    time = np.linspace(0, 1, EPOCHS)

    def ar1_noise(memory: float) -> np.ndarray:
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
                [[trend(time) + ar1_noise(memory) for _ in range(2)] for _ in range(5)] for _ in range(STUDIES // 2)
            ]
            row: Row = {"shared trend": name, "memory of the noise": memory}
            for way, apply in ways.items():
                row[way] = _misled(pairs, lambda a, b, apply=apply: stats.spearmanr(apply(a), apply(b)).statistic)
            row["cubic (used)"] = _misled(
                pairs, lambda a, b: detrended_correlation(dict(enumerate(a)), dict(enumerate(b)))
            )
            yield row


def _misled(pairs: list[list[list[np.ndarray]]], correlate: Callable[..., float]) -> float:
    numbers = np.array([[correlate(a, b) for a, b in study] for study in pairs])
    return float(np.mean(stats.ttest_1samp(numbers, 0, axis=1, alternative="greater").pvalue < ALPHA))


PARTS = {
    "Intervals": (intervals, f"Share of {LEVEL:.0%} intervals that contain the true mean; {STUDIES} samples per row."),
    "Wrong verdicts": (
        mistakes,
        f"Share of studies of {FAMILY} hypotheses, all without an effect, with at least one verdict `supported` or "
        f"`contradicted`; at most {ALPHA} is promised. {STUDIES} studies per row, standard error 0.011.",
    ),
    "Power": (
        power,
        f"Share of true effects found: five of {FAMILY} hypotheses have an effect, given in standard deviations over "
        f"seeds; normal numbers; {STUDIES // 4} studies per cell.",
    ),
    "Shared trends": (
        trends,
        f"Share of studies that find a correlation of two unrelated curves of {EPOCHS} epochs with a shared trend, "
        f"uncorrected at {ALPHA}, five seeds; {STUDIES // 2} studies per row, standard error 0.015.",
    ),
}


def main() -> None:
    """Simulate and write."""
    rng = np.random.default_rng(0)
    lines = ["# How far the study's methods can be trusted", "", "Written by `python benchmarks/study_calibration.py`."]
    content = {}
    for title, (simulate, text) in PARTS.items():
        rows = list(simulate(rng))
        content[title] = rows
        lines += ["", f"## {title}", "", text, "", _line(rows[0]), _line(dict.fromkeys(rows[0], "---").values())]
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
