"""Compares the layers of a network between snapshots, and keeps the result in `evolution/layers.json`."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from featevo.measure.layer_change import IMAGES, Grams, GramsOf, changes
from featevo.record.files import write_json
from featevo.record.reading import LAYERS, evenly
from featevo.record.store import RunFolder
from featevo.views.view import RealImages


class LayerComparison:
    """The same validation images at every snapshot; it keeps at most `IMAGES` of them in memory.

    Args:
        real: Returns validation images.
        classes: Their number; the images are spread over all.
    """

    def __init__(self, real: RealImages, classes: int) -> None:
        self._real, self._classes = real, classes

    @cached_property
    def _images(self) -> Tensor:
        images, labels = self._real(-(-IMAGES // self._classes))
        return images[torch.argsort(labels, stable=True)[evenly(len(images), IMAGES)]]

    def grams(self, grams_of: GramsOf) -> Grams:
        """The Gram matrices of a network's layers for these images."""
        return grams_of(self._images)

    def write(self, folder: RunFolder) -> None:
        """Write `evolution/layers.json` anew, from the Gram matrices of all snapshots that have any.

        `folders` and `epochs` name the snapshots, `layers` the layers of the last one; for `to_previous` and `to_end`
        see `featevo.measure.layer_change.changes`.

        Raises:
            UserError: When a snapshot's Gram matrices cannot be read.
            OSError: When the file cannot be written.
        """
        found = [(snapshot, kept) for snapshot in folder.moments() if (kept := folder.grams(snapshot))]
        moments = {"folders": [each.folder for each, _ in found], "epochs": [each.epoch for each, _ in found]}
        write_json(folder.path / LAYERS, {**moments, **changes([kept for _, kept in found])})
