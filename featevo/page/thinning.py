"""How much of a record fits on a page: with or without loss, and which snapshots and classes where that is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from featevo.page.labels import class_names
from featevo.page.pictures import encoded
from featevo.record.images import open_image
from featevo.record.reading import Evolution, evenly

SMALL = 2_600_000
"""Bytes of pictures with their numbers up to which nothing is done to make the page smaller; it has under 3 MB."""

LARGE = 11_000_000
"""Bytes of pictures with their numbers from which on snapshots are left out; the page stays under some 12 MB."""

BASE64 = 4 / 3
"""Characters of the page for each byte of a picture."""

NUMBERS = 500
"""Bytes that the page says of a picture in numbers and names, about."""

LONG_TRACE, SHORT_TRACE = 64, 16
"""Points of a picture's objective on a page that has room, and on one that has not."""

MOST_SNAPSHOTS = 200
"""Of one run: more cannot be told apart on a slider."""

FEWEST_SNAPSHOTS = 2
"""Of one run, the first and the last, before classes are left out as well."""

QUALITIES = (None, 95, 85, 75)
"""WebP's qualities from the best; None is without loss."""

SAMPLE = 32
"""Pictures from which the size of all is estimated."""


@dataclass(frozen=True)
class Plan:
    """What of the record is on the page.

    Attributes:
        quality: WebP's, None without loss.
        trace: Most points of each picture's objective.
        snapshots: For each run, the places of its snapshots that are shown.
        classes: Names of the classes that are shown.
    """

    quality: int | None
    trace: int
    snapshots: list[list[int]]
    classes: list[str]


def plan(evolutions: Sequence[Evolution]) -> Plan:
    """Choose the best quality at which everything fits, then as many snapshots, then as many classes as fit."""
    names = list(dict.fromkeys(name for evolution in evolutions for name in class_names(evolution).values()))
    counts = [len(evolution.snapshots) for evolution in evolutions]
    widths = [len(evolution.classes) for evolution in evolutions]

    def cost(most: int) -> int:
        return sum(min(most, count) * width for count, width in zip(counts, widths, strict=True))

    sample = _sample(evolutions)
    most = MOST_SNAPSHOTS
    for quality in QUALITIES:
        mean = len(encoded(sample, quality)) / len(sample) if sample else 0.0
        size = BASE64 * mean + NUMBERS  # of a picture on the page, in bytes
        if cost(most) * size <= SMALL:
            break
    while most > FEWEST_SNAPSHOTS and cost(most) * size > LARGE:
        most -= 1
    share = min(1.0, LARGE / max(1.0, cost(most) * size))
    return Plan(
        quality,
        LONG_TRACE if quality is None else SHORT_TRACE,
        [evenly(count, most) for count in counts],
        [names[place] for place in evenly(len(names), max(1, int(share * len(names))))],
    )


def _sample(evolutions: Sequence[Evolution]) -> list[Image.Image]:
    """Some of the pictures, evenly spread over runs, snapshots and classes."""
    files = [
        (evolution.folder, render.file)
        for evolution in evolutions
        for snapshot in evolution.snapshots
        for render in snapshot.of_view()
    ]
    pictures = [open_image(*files[place]) for place in evenly(len(files), SAMPLE)]
    return [picture for picture in pictures if picture is not None]
