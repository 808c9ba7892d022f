"""Tests the study's methods where the truth is known: python benchmarks/study_calibration.py

Writes docs/study-calibration.json and .md: how often a study of five hypotheses gives a wrong result, how often it
finds true effects, the size and power of the exceedance test, how often the rule for overfitting gives a false alarm,
all on simulated numbers; and its verdicts on networks whose telling feature is known, from docs/gate.json. Expect a few
minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from featevo.record.files import write_text
from featevo.study.arms import ARMS
from featevo.study.choices import ALPHA, NOISES, WINDOW
from featevo.study.hypotheses import HYPOTHESES
from featevo.study.overfitting import overfits
from featevo.study.statistics import exceedance, holm, median_interval, result, sign_test
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, decided

DOCS = Path(__file__).parent.parent / "docs"
SEED = 0
FAMILY, STUDIES = len(HYPOTHESES), 1000
EPOCHS = ARMS["overfit"]["trainer.max_epochs"]
Row = dict[str, Any]
Rng = np.random.Generator

# All have median 0. Of two differences the smaller is tested for being above 0 and the larger for being below.
SAMPLES: dict[str, Callable[[Rng, int], tuple[np.ndarray, np.ndarray]]] = {
    "normal": lambda rng, n: _both(rng.normal(size=n)),
    "heavy tails (t, 3)": lambda rng, n: _both(rng.standard_t(3, n)),
    "skewed (exponential)": lambda rng, n: _both(rng.exponential(size=n) - np.log(2)),
    "skewed, other way": lambda rng, n: _both(np.log(2) - rng.exponential(size=n)),
    "strongly skewed (lognormal)": lambda rng, n: _both(rng.lognormal(0, 1.5, n) - 1),
    "whole numbers": lambda rng, n: _both(rng.normal(0, 0.8, n).round()),
    "ratios (Cauchy)": lambda rng, n: _both(rng.standard_cauchy(n)),
    "two differences, independent": lambda rng, n: _ends(rng.normal(size=(n, 2))),
    "two differences with one part in common": lambda rng, n: _ends(rng.normal(size=(n, 2)) - rng.normal(size=(n, 1))),
}


def _both(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return numbers, numbers


def _ends(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return parts.min(1), parts.max(1)


def results(samples: list[tuple[np.ndarray, np.ndarray]]) -> list[str]:
    """The results of the hypotheses of one study."""
    above = holm([sign_test(smallest) for smallest, _ in samples])
    below = holm([sign_test(-largest) for _, largest in samples])
    return [result(len(numbers), p, q) for (numbers, _), p, q in zip(samples, above, below, strict=True)]


def mistakes(rng: Rng) -> Iterator[Row]:
    """Share of studies without any true effect that support or contradict something, and the same by t-tests."""
    for seeds in (12, 16):
        for name, draw in SAMPLES.items():
            studies = [[draw(rng, seeds) for _ in range(FAMILY)] for _ in range(STUDIES)]
            found = [results(study) for study in studies]
            wrong = {
                f"any {word}": float(np.mean([word in one for one in found])) for word in (SUPPORTED, CONTRADICTED)
            }
            by_t = np.mean([_rejected_by_t([pair[0] for pair in study], name) for study in studies])
            yield {"seeds": seeds, "numbers": name, **wrong, "any, by t-tests": float(by_t)}


MEANS = {"skewed (exponential)": 1 - np.log(2), "skewed, other way": np.log(2) - 1}
MEANS["strongly skewed (lognormal)"] = float(np.exp(1.5**2 / 2) - 1)


def _rejected_by_t(samples: list[np.ndarray], name: str) -> bool:
    """Whether a two-sided family of t-tests rejects anything; skewed numbers are moved so that their mean is 0."""
    moved = np.array(samples) - MEANS.get(name, 0.0)
    ps = [stats.ttest_1samp(moved, 0, axis=1, alternative=side).pvalue for side in ("greater", "less")]
    return any(min(holm(np.nan_to_num(p, nan=1.0))) < ALPHA for p in ps)


def intervals(rng: Rng) -> Iterator[Row]:
    """Share of intervals that contain the true median."""
    for seeds in (12, 16):
        row: Row = {"seeds": seeds}
        for name in ("normal", "heavy tails (t, 3)", "skewed (exponential)", "strongly skewed (lognormal)"):
            ends = [median_interval(SAMPLES[name](rng, seeds)[0]) for _ in range(STUDIES)]
            row[name] = float(
                np.mean([low is not None and high is not None and low <= 0 <= high for low, high in ends])
            )
        yield row


def power(rng: Rng) -> Iterator[Row]:
    """Share of true effects that are supported."""
    for seeds in (12, 16):
        for true in (1, 3, 5):
            row: Row = {"seeds": seeds, "true effects": true}
            for effect in (0.75, 1.0, 1.5, 2.0):
                shifts = [effect] * true + [0.0] * (FAMILY - true)
                found = [results([_both(s + rng.normal(size=seeds)) for s in shifts])[:true] for _ in range(STUDIES)]
                row[f"{effect:g} sd"] = float(np.mean([word == SUPPORTED for one in found for word in one]))
            yield row


def exceedances(rng: Rng) -> Iterator[Row]:
    """Share of P below ALPHA of the exceedance test: without an effect, and with one in some of the seeds."""
    for seeds in (12, 16):
        for memory in (0.0, 0.5, 0.9):
            row: Row = {"seeds": seeds, "correlation of seed and twin": memory}
            for name, share, effect in (("none", 0, 0), ("2 sd in half", 0.5, 2), ("3 sd in half", 0.5, 3)):
                draws = [_pair(rng, seeds, memory) for _ in range(STUDIES)]
                moved = effect * (np.arange(seeds) < share * seeds)
                p = [exceedance(numbers + moved, twins)[1] for numbers, twins in draws]
                row[name] = float(np.mean(np.array(p) < ALPHA))
            yield row


def _pair(rng: Rng, seeds: int, memory: float) -> tuple[np.ndarray, np.ndarray]:
    common, own, other = rng.normal(size=(3, seeds))
    return np.sqrt(memory) * common + np.sqrt(1 - memory) * own, np.sqrt(memory) * common + np.sqrt(1 - memory) * other


def alarms(rng: Rng) -> Iterator[Row]:
    """Share of curves that meet the rule for overfitting; the first two do not overfit."""
    time = np.arange(EPOCHS)
    falling = 1 + 2 * np.exp(-time / 10)
    rises = {f"rises by {rise}": falling + rise * np.clip(time - 15, 0, None) / (EPOCHS - 16) for rise in (0.5, 1, 2)}
    trends = {"plateau": np.ones(EPOCHS), "falls, then plateau": falling, **rises}
    for tails, draw in (("normal", rng.normal), ("heavy (t, 3)", None)):
        for memory in (0.0, 0.5, 0.8):
            row: Row = {"noise (sd 0.1)": tails, "memory of the noise": memory}
            for name, trend in trends.items():
                found = [overfits(dict(enumerate(trend + 0.1 * _noise(rng, draw, memory)))) for _ in range(STUDIES)]
                row[name] = float(np.mean(found))
            yield row


def _noise(rng: Rng, draw: Callable[..., np.ndarray] | None, memory: float) -> np.ndarray:
    """Autoregressive noise with a standard deviation of 1, without its beginning."""
    count = EPOCHS + 30
    noise = draw(size=count) if draw else rng.standard_t(3, count) / np.sqrt(3)
    for here in range(1, count):
        noise[here] += memory * noise[here - 1]
    return noise[30:] * np.sqrt(1 - memory**2)


def known_truth(_: Rng) -> Iterator[Row]:
    """The verdicts of two families of hypotheses about the networks of docs/gate.json."""
    recorded = json.loads((DOCS / "gate.json").read_text(encoding="utf-8"))["networks"]
    values = {one["measure"]: one["values"] for one in recorded}
    ends: dict[tuple[str, str], np.ndarray] = {
        (name, task): np.array([found["first"], found["last"]])
        for name, networks in values.items()
        for task, found in networks.items()
    }
    learned = ("colour", "shape", "two_parts", "three_parts")
    rise = {task: np.diff(ends["likeness/efficientnet_lite0", task], axis=0)[0] for task in (*learned, "shuffled")}
    yield from _judged(
        {f"likeness rises: {task}": (SUPPORTED, rise[task] - rise["shuffled"], rise["shuffled"]) for task in learned}
        | {"likeness rises: shuffled labels": (UNDECIDED, rise["shuffled"], rise["shuffled"])}
    )
    kept = {task: (ends["clones/patches", task][1] - 0.5) / (ends["clones/real", task][1] - 0.5) for task in learned}
    # The same kind of network twice: each seed and the next one.
    null = kept["shape"] - np.roll(kept["shape"], 1)
    yield from _judged(
        {
            f"less depends on arrangement: colour than {task}": (SUPPORTED, kept["colour"] - kept[task], null)
            for task in learned[1:]
        }
        | {
            "less depends on arrangement: shape than colour": (CONTRADICTED, kept["shape"] - kept["colour"], null),
            "less depends on arrangement: shape than shape": (UNDECIDED, null, null),
        }
    )


def _judged(family: dict[str, tuple[str, np.ndarray, np.ndarray]]) -> Iterator[Row]:
    """Rows of a family's hypotheses from truth, numbers, null numbers."""
    found = results([_both(numbers) for _, numbers, _ in family.values()])
    control = results([_both(null) for _, _, null in family.values()])
    for (name, (truth, numbers, null)), word, other in zip(family.items(), found, control, strict=True):
        medians = {"median": float(np.median(numbers)), "median of the control": float(np.median(null))}
        yield {
            "hypothesis": name,
            "seeds": len(numbers),
            **medians,
            "right verdict": truth,
            "verdict": decided(word, other)[0],
        }


PARTS = {
    "Wrong results": (
        mistakes,
        f"Share of studies of {FAMILY} hypotheses, all without an effect (median 0), with at least one result "
        f"`supported` or `contradicted`; at most {ALPHA} is promised. {STUDIES} studies per row. A control can only "
        "withdraw a result, so wrong verdicts are not more. Last column: any rejection by families of t-tests in both "
        "directions (of the smaller of two, and at mean 0 where the numbers are skewed); nominal is at most 0.1.",
    ),
    "Intervals": (intervals, f"Share of 95 % intervals that contain the true median; {STUDIES} samples per cell."),
    "Power": (
        power,
        f"Share of true effects that are supported, given in standard deviations over seeds; normal numbers, {FAMILY} "
        f"hypotheses of which 1, 3 or 5 are true; {STUDIES} studies per cell.",
    ),
    "Exceedance test": (
        exceedances,
        f"Share of studies with P below {ALPHA}, without an effect (at most {ALPHA} is promised) and with an effect in "
        f"half of the seeds; {STUDIES} per cell. A seed and its twin may be correlated.",
    ),
    "Overfitting": (
        alarms,
        f"Share of validation losses of {EPOCHS} epochs that meet the rule: the median of the last {WINDOW} epochs is "
        f"more than {NOISES:g} times the noise above the lowest median of {WINDOW}. {STUDIES} curves per cell. The "
        "first two kinds do not overfit, so theirs are false alarms; the others are the second, with a line added that "
        "rises from epoch 15 to the last. One run (experiment=study/overfit seed=0) had a noise of 0.10, as here, and "
        "rose by 12 times that.",
    ),
    "Networks whose truth is known": (
        known_truth,
        "Verdicts of the study's tests on real networks (`data=planted`, [measures.md](measures.md)), in two families "
        "of five. The task tells what the network must have learned: a colour, a shape, two or three parts, or, "
        "with shuffled labels, nothing. Likeness is `likeness/efficientnet_lite0`, at the end minus before training, "
        "minus the same of the seed's network with shuffled labels, whose own rise is the control. Arrangement is the "
        "share kept on patch-shuffled images, as in hypothesis 2; its control compares each network with the next "
        "seed's of the same kind.",
    ),
}


def main() -> None:
    """Simulate and write."""
    lines = ["# How far the study's methods can be trusted", ""]
    lines += [f"Written by `python benchmarks/study_calibration.py`; the seed of each table is {SEED}."]
    content = {}
    for title, (simulate, text) in PARTS.items():
        rows = list(simulate(np.random.default_rng(SEED)))
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
