"""Real images of each class, for comparison with its renders: those of the first run that has any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image

from featevo.figures.grid import arrange
from featevo.record.images import open_image
from featevo.record.reading import Evolution, class_names

MOSAIC = 4
"""Images of a class in two rows; a class with fewer shows one."""

T = TypeVar("T")

File = tuple[Path, str]
"""A run folder and a file in it."""


def real_files(evolutions: Sequence[Evolution]) -> dict[str, list[File]]:
    """The files of the real images that are shown, by the names of classes; classes without any are left out."""
    found: dict[str, list[File]] = {}
    for evolution in evolutions:
        for unit, name in class_names(evolution).items():
            files = evolution.real.get(unit)
            if files and name not in found:
                found[name] = [(evolution.folder, file) for file in _shown(files)]
    return found


def mosaics(evolutions: Sequence[Evolution], names: Sequence[str]) -> list[Image.Image | None]:
    """One picture of real images for each class; None where there are none, or they cannot be read."""
    files = real_files(evolutions)
    return [_mosaic(files.get(name, [])) for name in names]


def _mosaic(files: Sequence[File]) -> Image.Image | None:
    images = _shown([image for image in (open_image(*file) for file in files) if image is not None])
    return arrange(images) if images else None


def _shown(given: Sequence[T]) -> list[T]:
    return list(given[: MOSAIC if len(given) >= MOSAIC else 1])
