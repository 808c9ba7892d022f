"""The units of a record's other views, in addition to the classes: what pages, figures and trackers call them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from featevo.record.schema import MAIN_VIEW, Image

if TYPE_CHECKING:  # it imports the names of this module
    from featevo.record.reading import Evolution


class Unit(NamedTuple):
    """A unit of a view: its number, its group (empty: none), and its name within the group."""

    number: int
    group: str
    name: str


def other_views(evolution: Evolution) -> dict[str, list[Unit]]:
    """The units of every view other than the main one, in the order of first appearance of the views.

    Units of one group are beside each other; groups have the order of their lowest numbers. A unit has the group and
    name of its first image.
    """
    images: dict[str, dict[int, Image]] = {}
    for snapshot in evolution.snapshots:
        for image in snapshot.images:
            if image.view != MAIN_VIEW:
                images.setdefault(image.view, {}).setdefault(image.unit, image)
    return {view: _units(found.values()) for view, found in images.items()}


def _units(images: Iterable[Image]) -> list[Unit]:
    ordered = sorted(images, key=lambda image: image.unit)
    first = {image.group: image.unit for image in reversed(ordered)}
    ordered.sort(key=lambda image: first[image.group])
    return [Unit(image.unit, image.group, name_in_group(image) or str(image.unit)) for image in ordered]


def name_in_group(image: Image) -> str:
    """An image's name without its group: `17` for `conv4_3 17` of `conv4_3`."""
    return image.name[len(image.group) :].strip() if _has_group(image) else image.name


def name_with_group(image: Image) -> str:
    """An image's name with its group in front of it, once."""
    return image.name if _has_group(image) or not image.group else f"{image.group} {image.name}".strip()


def _has_group(image: Image) -> bool:
    return bool(image.group) and f"{image.name} ".startswith(f"{image.group} ")
