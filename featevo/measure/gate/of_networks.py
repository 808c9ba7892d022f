"""The measures that part c examines alone: they need classes, real images or the network, not a picture by itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from featevo.measure.gate.networks import NETWORKS, Ends, Network, known_truth, values_of
from featevo.measure.likeness import Likeness
from featevo.measure.subject import Subject
from featevo.measure.viewers import VIEWERS

LEARNED = "what was learned"

CLAIMS = {
    "confusion/self": "confusion",
    "confusion/crops": "confusion",
    "clones/real": LEARNED,
    "clones/grey": "what is known without colour",
    "clones/patches": "what is known without arrangement",
    "information/depth": "complexity",
    **{f"{family}/{part}": LEARNED for family in ("path", "information") for part in ("early", "middle", "late")},
}
"""Of measures that are recorded, what each is said to be."""


def likenesses(vgg16: str | None) -> list[Likeness]:
    """Likeness by every viewer; by VGG-16 only with a file that has its convolutions."""
    files = dict.fromkeys(VIEWERS) | {"vgg16": vgg16}
    return [Likeness(viewer, file) for viewer, file in files.items() if viewer != "vgg16" or file is not None]


def of_networks(networks: Sequence[Network], likenesses: Sequence[Likeness]) -> list[dict[str, Any]]:
    """Part c for likeness, and for what the runs have recorded.

    Args:
        networks: Of `read_networks`.
        likenesses: By which viewers.

    Returns:
        For each measure its name, what it is said to be, the verdict, and by network its values `first` and `last` in
        the order of seeds. Measures that a run lacks are left out.
    """
    ways: dict[str, tuple[str, Ends]] = {measure.name: (LEARNED, _likeness(measure)) for measure in likenesses}
    ways |= {name: (claims, _recorded(name)) for name, claims in CLAIMS.items()}
    entries = []
    for name, (claims, ends) in ways.items():
        values = values_of(networks, ends)
        if all(math.isnan(last) for found in values.values() for _, last in found.values()):
            continue
        shown = {
            task: {when: [_short(values[task][seed][place]) for seed in sorted(values[task])] for when, place in ENDS}
            for task in NETWORKS
        }
        truth = dataclasses.asdict(known_truth(values, claims))
        entries.append({"measure": name, "claims": claims, "known_truth": truth, "values": shown})
    return entries


ENDS = (("first", 0), ("last", 1))


def _likeness(measure: Likeness) -> Ends:
    def ends(network: Network) -> tuple[float, float]:
        first, last = (measure(Subject(images, None, real=network.real)) for images in network.ends)
        assert first is not None
        assert last is not None
        return float(first.nanmean()), float(last.nanmean())

    return ends


def _recorded(name: str) -> Ends:
    return lambda network: network.recorded(name)


def _short(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None
