"""How much of a record fits on a page: the quality of its images, and which snapshots and classes are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from featevo.page.pictures import RIM, encoded
from featevo.page.real import File, real_files
from featevo.page.views import MOST_UNITS, encoded_views
from featevo.record.images import open_image
from featevo.record.reading import Evolution, all_class_names, evenly
from featevo.record.schema import MAIN_VIEW

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
        units: Share of each other view's units that is shown.
    """

    quality: int | None
    trace: int
    snapshots: list[list[int]]
    classes: list[str]
    units: float = 1.0


def plan(evolutions: Sequence[Evolution], most_bytes: int | None = None) -> Plan:
    """Choose the best quality at which everything fits, then as many snapshots, then classes and units, as fit.

    Args:
        evolutions: The runs.
        most_bytes: Of images with their numbers, in place of `SMALL` and `LARGE`.
    """
    small, large = (SMALL, LARGE) if most_bytes is None else (most_bytes, most_bytes)
    names = all_class_names(evolutions)
    drawn = [[place for place, each in enumerate(one.snapshots) if each.is_drawn] for one in evolutions]
    counts = [len(places) for places in drawn]
    widths = [len(evolution.classes) for evolution in evolutions]
    others = [_others(evolution) for evolution in evolutions]
    real = sum(map(len, real_files(evolutions).values()))
    samples = _sample(_files(evolutions)), _sample(_files_of_others(evolutions))

    def cost(most: int, sizes: tuple[float, float]) -> float:
        shown = [min(most, count) for count in counts]
        main = real + sum(number * width for number, width in zip(shown, widths, strict=True))
        other = sum(number * width for number, width in zip(shown, others, strict=True))
        return main * sizes[0] + other * sizes[1]

    most = MOST_SNAPSHOTS
    quality, sizes = None, _raw_sizes(samples)
    if cost(most, sizes) > small:  # otherwise all fits without encoding a sample, which would take most of the time
        for quality in QUALITIES:
            sizes = _sizes(samples, quality)
            if cost(most, sizes) <= small:
                break
    while most > FEWEST_SNAPSHOTS and cost(most, sizes) > large:
        most -= 1
    share = min(1.0, large / max(1.0, cost(most, sizes)))
    return Plan(
        quality,
        LONG_TRACE if quality is None else SHORT_TRACE,
        [[places[number] for number in evenly(len(places), most)] for places in drawn],
        [names[place] for place in evenly(len(names), max(1, int(share * len(names))))],
        share,
    )


def _sizes(samples: tuple[list[Image.Image], list[Image.Image]], quality: int | None) -> tuple[float, float]:
    """Bytes on the page of an image of a class, and of one of another view, on average."""
    main, other = samples
    means = [len(encoded(main, quality)) / len(main) if main else 0.0]
    means.append(sum(map(len, encoded_views(other, quality)[0])) / len(other) if other else 0.0)
    return BASE64 * means[0] + NUMBERS, BASE64 * means[1] + NUMBERS


def _raw_sizes(samples: tuple[list[Image.Image], list[Image.Image]]) -> tuple[float, float]:
    """The same of images that are not compressed, with their rims."""
    areas = [[(image.width + 2 * RIM) * (image.height + 2 * RIM) for image in images] or [0] for images in samples]
    main, other = (BASE64 * 3 * sum(each) / len(each) + NUMBERS for each in areas)
    return main, other


def _others(evolution: Evolution) -> float:
    """Images of other views that a snapshot shows, on average."""
    counts = [Counter(image.view for image in snapshot.images) for snapshot in evolution.snapshots]
    shown = sum(min(MOST_UNITS, number) for count in counts for view, number in count.items() if view != MAIN_VIEW)
    return shown / max(1, sum(snapshot.is_drawn for snapshot in evolution.snapshots))


def _files(evolutions: Sequence[Evolution]) -> list[File]:
    """Those of classes, and real ones."""
    files = [
        (evolution.folder, render.file)
        for evolution in evolutions
        for snapshot in evolution.snapshots
        for render in snapshot.of_view()
    ]
    return files + [file for real in real_files(evolutions).values() for file in real]


def _files_of_others(evolutions: Sequence[Evolution]) -> list[File]:
    return [
        (evolution.folder, image.file)
        for evolution in evolutions
        for snapshot in evolution.snapshots
        for image in snapshot.images
        if image.view != MAIN_VIEW
    ]


def _sample(files: Sequence[File]) -> list[Image.Image]:
    """Some of the images, evenly spread over runs, snapshots and classes or units."""
    images = [open_image(*files[place]) for place in evenly(len(files), SAMPLE)]
    return [image for image in images if image is not None]
