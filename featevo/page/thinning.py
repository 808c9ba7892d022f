"""How much of a record fits on a page: the quality of its images, and which snapshots and classes are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from featevo.page.pictures import encoded
from featevo.page.real import real_files
from featevo.record.images import open_image
from featevo.record.reading import Evolution, all_class_names, evenly

SMALL = 2_600_000
"""Bytes of images with their numbers; up to this, images are without loss and the page has less than 3 MB."""

LARGE = 11_000_000
"""Bytes of images with their numbers; above this, snapshots are left out, so that the page has at most about 12 MB."""

BASE64 = 4 / 3
"""Characters of the page for each byte of an image."""

NUMBERS = 500
"""Bytes of the numbers and names of an image, about."""

LONG_TRACE, SHORT_TRACE = 64, 16
"""Points of an image's objective on a page with room, and on one without."""

MOST_SNAPSHOTS = 200
"""Of one run: more cannot be distinguished on a slider."""

FEWEST_SNAPSHOTS = 2
"""Of one run, the first and the last; if these are too many, classes are left out as well."""

QUALITIES = (None, 95, 85, 75)
"""WebP's qualities from the best; None is without loss."""

SAMPLE = 32
"""Images from which the size of all is estimated."""


@dataclass(frozen=True)
class Plan:
    """The part of the record that is on the page.

    Attributes:
        quality: WebP's, None without loss.
        trace: Most points of each image's objective.
        snapshots: For each run, the places of its snapshots that are shown.
        classes: Names of the classes that are shown.
    """

    quality: int | None
    trace: int
    snapshots: list[list[int]]
    classes: list[str]


def plan(evolutions: Sequence[Evolution]) -> Plan:
    """Choose the best quality at which everything fits, then as many snapshots, then as many classes as fit."""
    names = all_class_names(evolutions)
    counts = [len(evolution.snapshots) for evolution in evolutions]
    widths = [len(evolution.classes) for evolution in evolutions]
    real = sum(map(len, real_files(evolutions).values()))

    def cost(most: int) -> int:
        return real + sum(min(most, count) * width for count, width in zip(counts, widths, strict=True))

    sample = _sample(evolutions)
    most = MOST_SNAPSHOTS
    for quality in QUALITIES:
        mean = len(encoded(sample, quality)) / len(sample) if sample else 0.0
        size = BASE64 * mean + NUMBERS  # bytes of one image on the page
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
    """Some of the images, evenly spread over runs, snapshots and classes."""
    files = [
        (evolution.folder, render.file)
        for evolution in evolutions
        for snapshot in evolution.snapshots
        for render in snapshot.of_view()
    ]
    files += [file for real in real_files(evolutions).values() for file in real]
    images = [open_image(*files[place]) for place in evenly(len(files), SAMPLE)]
    return [image for image in images if image is not None]
