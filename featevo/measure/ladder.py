"""python -m featevo.measure.ladder: whether measures of complexity separate noise from structure, by judge and size.

The rule is in `verdict`: all rungs of noise are below two shapes, and the structured rungs rise in their order.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from scipy.stats import spearmanr
from torch import Tensor

from featevo.measure.clusters import ClusterEntropy
from featevo.measure.complexity import ActiveChannels, EffectiveRank, RankBeyondChance
from featevo.measure.judge import Judge, judge
from featevo.measure.naive import NAIVE
from featevo.measure.phase import PhaseEnergy
from featevo.measure.pieces import Pieces
from featevo.measure.regions import ColourRegions
from featevo.measure.rungs import NOISE, STRUCTURED, rungs, scenes

LAYERS = ("conv2_2", "conv3_3", "conv4_3")
CALIBRATION = 64
"""Number of drawn scenes for the calibration of a judge; the rung of scenes has others."""

CORRELATION = 0.9
"""Least Spearman correlation of the structured rungs' means with their order."""

Measure = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Verdict:
    """Whether a measure passes the ladder.

    Attributes:
        accepted: It passes.
        reason: Why, or why not, in one line.
        correlation: Spearman's, of the structured rungs' means with their order.
    """

    accepted: bool
    reason: str
    correlation: float


def verdict(means: Mapping[str, float]) -> Verdict:
    """The verdict from a measure's mean on each rung of `featevo.measure.rungs`."""
    broken = [rung for rung in means if not math.isfinite(means[rung])]
    if broken:
        return Verdict(False, f"{broken[0]} is {means[broken[0]]}", 0.0)
    two = means["2 shapes"]
    highest = max(NOISE, key=lambda rung: means[rung])
    ordered = [means[rung] for rung in STRUCTURED]
    constant = max(ordered) == min(ordered)
    correlation = 0.0 if constant else float(spearmanr(range(len(ordered)), ordered).statistic)
    if means[highest] >= two:
        return Verdict(False, f"{highest} ({means[highest]:.3g}) is not below 2 shapes ({two:.3g})", correlation)
    fallen = [rung for rung in ("16 shapes", "scene") if means[rung] < two]
    if fallen:
        return Verdict(False, f"{fallen[0]} ({means[fallen[0]]:.3g}) is below 2 shapes ({two:.3g})", correlation)
    if correlation < CORRELATION:
        return Verdict(False, f"the order of shapes and scene is kept to {correlation:.2f} only", correlation)
    return Verdict(
        True, f"noise is below 2 shapes, the order of shapes and scene is kept to {correlation:.2f}", correlation
    )


def by_rung(measure: Measure, ladder: Mapping[str, Tensor]) -> dict[str, list[float]]:
    """The measure of every image, by rung."""
    return {rung: measure(images).double().tolist() for rung, images in ladder.items()}


def examined(measure: Measure, size: int, number: int = 16, seed: int = 0) -> Verdict:
    """The verdict on a measure for images of a size, from `number` new images of each rung."""
    return verdict(_means(by_rung(measure, rungs(size, number, seed))))


def with_judge(calibrated: Judge) -> dict[str, Measure]:
    """The measures that use a judge, by name."""
    return {
        one.name: one for one in (EffectiveRank(calibrated), RankBeyondChance(calibrated), ActiveChannels(calibrated))
    }


def without_judge() -> dict[str, Measure]:
    """The measures that use no judge, by name."""
    return {measure.name: measure for measure in (ClusterEntropy(), Pieces(), ColourRegions(), PhaseEnergy())}


def run(judges: Sequence[tuple[str, str | None]], sizes: Sequence[int], pictures: int, seed: int = 0) -> dict[str, Any]:
    """Every measure with every judge, layer and size.

    Args:
        judges: Name and file of each; None: the shipped weights.
        sizes: Sides of images in pixels, each at least 32.
        pictures: Number of images of each rung.
        seed: Of rungs and of the judges' real images.

    Returns:
        The content of `<out>.json`: the rule's inputs, and the values, verdict and cost of each measure.
    """
    loaded = [dataclasses.replace(judge(file, layer), name=called) for called, file in judges for layer in LAYERS]
    entries: list[dict[str, Any]] = []
    for size in sizes:
        ladder, real = rungs(size, pictures, seed), scenes(size, CALIBRATION, seed=seed)
        for name, measure in {**NAIVE, **without_judge()}.items():
            entries.append(_entry(name, measure, ladder, size))
        for one in loaded:
            measures = with_judge(one.calibrated(real))
            entries.extend(_entry(name, measure, ladder, size, one) for name, measure in measures.items())
    return {
        "pictures": pictures,
        "seed": seed,
        "calibration": CALIBRATION,
        "threads": torch.get_num_threads(),
        "noise": NOISE,
        "structured": STRUCTURED,
        "entries": entries,
    }


def _entry(
    name: str, measure: Measure, ladder: Mapping[str, Tensor], size: int, judge: Judge | None = None
) -> dict[str, Any]:
    began = time.perf_counter()
    values = by_rung(measure, ladder)
    seconds = (time.perf_counter() - began) / sum(map(len, ladder.values()))
    return {
        "measure": name,
        "size": size,
        "judge": judge.name if judge else None,
        "layer": judge.layer if judge else None,
        "weights": judge.weights if judge else None,
        **dataclasses.asdict(verdict(_means(values))),
        "means": {rung: round(mean, 4) for rung, mean in _means(values).items()},
        "values": {rung: [round(value, 4) for value in each] for rung, each in values.items()},
        "seconds_per_picture": round(seconds, 5),
    }


def _means(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {rung: sum(each) / len(each) for rung, each in values.items()}


def _line(entry: Mapping[str, Any]) -> str:
    where = ", ".join(str(part) for part in (entry["judge"], entry["layer"], f"{entry['size']} px") if part)
    return f"{'accepted' if entry['accepted'] else 'refused '}  {entry['measure']} ({where}): {entry['reason']}"


def _named(text: str) -> tuple[str, str]:
    name, _, file = text.rpartition("=")
    return (f"{name} ({Path(file).stem})" if name else Path(file).stem), file


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m featevo.measure.ladder", description=__doc__)
    parser.add_argument(
        "--judge", metavar="[NAME=]FILE", action="append", default=[], help="a further judge; may be repeated"
    )
    parser.add_argument("--size", type=int, nargs="+", default=[64], help="sides in pixels; the figure shows the first")
    parser.add_argument("--pictures", type=int, default=16, help="number of images of each rung")
    parser.add_argument("--out", type=Path, default=Path("docs/ladder"), help="figure and JSON, without ending")
    options = parser.parse_args(arguments)
    if min(options.size) < 32 or options.pictures < 1 or not options.out.parent.is_dir():
        parser.error("--size is at least 32, --pictures at least 1, and the folder of --out exists")
    from featevo.measure.ladder_figure import draw

    torch.set_num_threads(1)  # so that costs compare
    judges: list[tuple[str, str | None]] = [("shipped slim VGG-16", None), *map(_named, options.judge)]
    try:
        result = run(judges, options.size, options.pictures)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(map(_line, result["entries"])))
    figure = draw(result, rungs(options.size[0], 1), options.size[0])
    options.out.with_suffix(".json").write_text(json.dumps(result) + "\n")
    options.out.with_suffix(".png").write_bytes(figure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
