"""Part c: networks whose telling feature is known, and what a measure must say of their renders.

The networks are runs of `sweeps/planted.yaml`. The rules were written before any measure was computed on them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import yaml  # type: ignore[import-untyped]
from scipy.stats import binomtest
from torch import Tensor

from featevo.data.planted import TASKS, Planted
from featevo.errors import UserError
from featevo.measure.gate.known_truth import KnownTruth
from featevo.measure.subject import Real
from featevo.record.find import find_runs
from featevo.record.jobs import FINISHED, status_of
from featevo.record.reading import Evolution
from featevo.record.safe import MOST_JSON, read_text
from featevo.record.schema import Snapshot, is_number
from featevo.record.store import RunFolder

SEEDS = 12
"""Least number of seeds of each task."""

KEPT = 11 / 12
"""Least share of the seeds that come out in the known order."""

ALPHA = 0.05
"""A change with shuffled labels counts when the exact one-sided sign test over seeds is below this."""

PER_CLASS = 16
"""Real images of each class to compare with."""

SHUFFLED = "shuffled"
"""Networks that were trained on shuffled labels."""

NETWORKS = (*TASKS, SHUFFLED)


@dataclass(frozen=True)
class Rule:
    """What a measure must say, if it measures what it claims.

    Attributes:
        pairs: Of networks of the same seed, the first must have the lower value at the end of training.
        rises: Whether values that grow would be the false finding with shuffled labels; False: those that fall.
    """

    pairs: tuple[tuple[str, str], ...]
    rises: bool = True


RULES = {
    "complexity": Rule(
        (("colour", "shape"), ("shape", "two_parts"), ("two_parts", "three_parts"), ("watermark", "shape"))
    ),
    "what was learned": Rule(tuple((SHUFFLED, task) for task in ("colour", "shape", "two_parts", "three_parts"))),
    "confusion": Rule(tuple((task, SHUFFLED) for task in ("colour", "shape", "two_parts", "three_parts")), rises=False),
    "what is known without colour": Rule((("colour", "shape"), ("colour", "two_parts"), ("colour", "three_parts"))),
    "what is known without arrangement": Rule(
        (("shape", "colour"), ("two_parts", "colour"), ("three_parts", "colour"))
    ),
}
"""By what a measure would be called."""


@dataclass(frozen=True, eq=False)
class Network:
    """One run of a network of known truth.

    Attributes:
        task: One of `NETWORKS`.
        seed: Of the run.
        evolution: Its record; the first snapshot is of the fresh network.
    """

    task: str
    seed: int
    evolution: Evolution

    @property
    def snapshots(self) -> list[Snapshot]:
        """Those with renders, in the order of training."""
        return [each for each in self.evolution.snapshots if each.of_view() and each.error is None]

    @cached_property
    def ends(self) -> tuple[Tensor, Tensor]:
        """The renders (K, 3, H, W) in 0..1 of the first and of the last snapshot."""
        record, snapshots = RunFolder(self.evolution.folder), self.snapshots
        return record.pixels(snapshots[0]), record.pixels(snapshots[-1])

    @cached_property
    def real(self) -> Real:
        """Validation images of its task, `PER_CLASS` of each class."""
        size = self.ends[0].shape[-1]
        task = "shape" if self.task == SHUFFLED else self.task
        drawn = Planted(task, PER_CLASS, size, self.seed, "val")
        images, labels = zip(*[drawn[index] for index in range(len(drawn))], strict=True)
        pixels = torch.stack(images).float() / 255
        return Real(pixels, pixels, torch.tensor(labels))

    def recorded(self, name: str) -> tuple[float, float]:
        """A measure of the first and the last snapshot, as recorded; NaN where there is none."""
        values: list[Any] = [self.snapshots[place].measures.get(name) for place in (0, -1)]
        first, last = (float(value) if is_number(value) else math.nan for value in values)
        return first, last


Ends = Callable[[Network], tuple[float, float]]
"""From a network to a measure's value at the first and the last snapshot."""


def read_networks(folders: Sequence[Path]) -> list[Network]:
    """The finished runs of `sweeps/planted.yaml` in these folders.

    Raises:
        UserError: When they are not all tasks and shuffled labels with the same `SEEDS` or more seeds.
    """
    found: dict[tuple[str, int], Network] = {}
    for evolution in find_runs(folders, deep=True).evolutions:
        network = _network(evolution)
        if network is not None and len(network.snapshots) > 1 and status_of(evolution.run)[0] == FINISHED:
            found.setdefault((network.task, network.seed), network)
    seeds = {task: {seed for name, seed in found if name == task} for task in NETWORKS}
    common = set.intersection(*seeds.values())
    if len(common) < SEEDS:
        counts = ", ".join(f"{task} {len(numbers)}" for task, numbers in seeds.items())
        raise UserError(
            f"--networks: {len(common)} seeds have a finished run of every task, {SEEDS} are needed (found: {counts}); "
            "sweeps/planted.yaml has the commands"
        )
    return [found[task, seed] for task in NETWORKS for seed in sorted(common)]


def _network(evolution: Evolution) -> Network | None:
    try:
        text = read_text(evolution.folder, ".hydra/config.yaml", MOST_JSON)
        config: Any = yaml.safe_load(text)
        task, wrong = config["data"]["source"]["task"], config["data"].get("wrong_labels", 0)
        shuffled = task == "shape" and wrong == 1
        if task in TASKS and (shuffled or wrong == 0):
            return Network(SHUFFLED if shuffled else task, int(config["seed"]), evolution)
    except Exception:  # a broken file, or a run of other data
        return None
    return None


def values_of(networks: Sequence[Network], ends: Ends) -> dict[str, dict[int, tuple[float, float]]]:
    """A measure's values at first and last by task and seed, NaN where there is none."""
    found: dict[str, dict[int, tuple[float, float]]] = {task: {} for task in NETWORKS}
    for network in networks:
        found[network.task][network.seed] = ends(network)
    return found


def of_images(measure: Callable[[Tensor], Tensor]) -> Ends:
    """The mean of a measure of images over the renders."""

    def ends(network: Network) -> tuple[float, float]:
        first, last = (float(measure(images).double().nanmean()) for images in network.ends)
        return first, last

    return ends


def known_truth(values: Mapping[str, Mapping[int, tuple[float, float]]], claims: str) -> KnownTruth:
    """Whether a measure says what is true of the networks.

    Args:
        values: At the first and the last snapshot, by network and seed; see `values_of`.
        claims: A key of `RULES`.
    """
    rule = RULES[claims]
    seeds = sorted(values[SHUFFLED])
    broken = {pair: [seed for seed in seeds if not _lower(values, pair, seed)] for pair in rule.pairs}
    kept = len(seeds) - len(set().union(*broken.values()))
    moved = [last - first for first, last in values[SHUFFLED].values()]
    changes = [move if rule.rises else -move for move in moved]
    ups, counted = sum(change > 0 for change in changes), sum(change > 0 or change < 0 for change in changes)
    p = float(binomtest(ups, counted, alternative="greater").pvalue) if counted else 1.0
    reasons = [f"the known order holds in {kept} of {len(seeds)} seeds"]
    if worst := max(broken, key=lambda pair: len(broken[pair])) if any(broken.values()) else None:
        reasons.append(f"{worst[0]} is not below {worst[1]} in {len(broken[worst])}")
    word = "rises" if rule.rises else "falls"
    reasons.append(f"with shuffled labels it {word} in {ups} of {counted}")
    return KnownTruth(
        means={task: _mean([last for _, last in found.values()]) for task, found in values.items()},
        passed=kept >= KEPT * len(seeds) - 1e-9 and p >= ALPHA,
        reason="; ".join(reasons),
    )


def _mean(values: Sequence[float]) -> float | None:
    """Of those that are numbers; None where none is."""
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else None


def _lower(values: Mapping[str, Mapping[int, tuple[float, float]]], pair: tuple[str, str], seed: int) -> bool:
    lower, higher = (values[task][seed][1] for task in pair)
    return lower < higher  # false for NaN
