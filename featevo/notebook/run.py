"""One run in a notebook: its page, its images as arrays, its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL.Image import Image as Picture

from featevo.contact_sheet import ContactSheet, caption
from featevo.errors import UserError
from featevo.notebook.frame import as_frame, rows_of
from featevo.notebook.inline import inline
from featevo.page.gather import Gathered
from featevo.printable import printable
from featevo.record.images import decoded, open_image
from featevo.record.reading import Evolution, class_names, read_controls, read_curve
from featevo.record.schema import MAIN_VIEW, Image, Snapshot, is_number, percent
from featevo.record.units import name_with_group
from featevo.record.withheld import showable

if TYPE_CHECKING:
    import pandas

SHOWN = 12
"""Epochs in an error; of more, the first and the last ones."""


@dataclass(frozen=True, repr=False)
class Run:
    """The record of one run; a notebook shows its page, with a slider through training.

    Attributes:
        name: Of the run; in a sweep, what differs from the other jobs.
        evolution: Its record as it was read: every snapshot with all that is known of its images.
    """

    name: str
    evolution: Evolution

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.evolution.folder

    @property
    def epochs(self) -> list[int]:
        """Epochs with images of the classes, or with any images if no class was drawn."""
        snapshots = (self.evolution.of_main_view if self.classes else self.evolution).snapshots
        return list(dict.fromkeys(snapshot.epoch for snapshot in snapshots if snapshot.images))

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the units."""
        return list(class_names(self.evolution).values())

    @property
    def views(self) -> list[str]:
        """Names of the views that have images."""
        return list(dict.fromkeys(image.view for snapshot in self.evolution.snapshots for image in snapshot.images))

    @property
    def measures(self) -> list[str]:
        """Names of the measures that have a value in any snapshot; they are columns of `frame`."""
        named = (showable(snapshot.measures).items() for snapshot in self.evolution.snapshots)
        return list(dict.fromkeys(name for items in named for name, value in items if is_number(value)))

    @property
    def controls(self) -> dict[str, dict[str, float]]:
        """By measure, the means of its controls: floors such as chance, noise and start images, the ceiling `real`."""
        return showable(read_controls(self.folder))

    @property
    def best(self) -> tuple[int, float] | None:
        """Epoch and value of the first best validation accuracy in 0..1; None where none was recorded."""
        drawn = [(snapshot.epoch, snapshot.val_acc) for snapshot in self.evolution.snapshots]
        known = [(epoch, value) for epoch, value in drawn if value is not None] + read_curve(self.folder)
        return max(known, key=lambda point: (point[1], -point[0]), default=None)

    def show(self, epoch: int | None = None, view: str = MAIN_VIEW) -> ContactSheet:
        """The images of one snapshot, with their names and the network's probabilities of the classes.

        Args:
            epoch: Of the snapshot, the last one of that epoch; None: the last with images of the view.
            view: Of the images.

        Raises:
            ValueError: There is no such snapshot; the message lists those that there are.
        """
        snapshot = self._snapshot(epoch, view)
        images = snapshot.of_view(view)
        opened = [open_image(self.folder, image.file) for image in images]
        title = printable(f"{self.name}, epoch {snapshot.epoch}: {snapshot.caption}")
        pixels = [None if image is None else np.asarray(image) for image in opened]
        return ContactSheet(title, pixels, [_lines(image) for image in images])

    def images(self, epoch: int | None = None, view: str = MAIN_VIEW) -> tuple[np.ndarray, list[str]]:
        """The images of one snapshot as they are in the record.

        Args:
            epoch: As for `show`.
            view: As for `show`.

        Returns:
            Pixels (N, H, W, C), uint8, with one channel if all images are grey, else three; and the N names.

        Raises:
            ValueError: There is no such snapshot, or its images differ in size.
            UserError: An image is missing or cannot be read.
        """
        images = self._snapshot(epoch, view).of_view(view)
        opened = [self._decoded(image.file) for image in images]
        mode = "L" if all(image.mode == "L" for image in opened) else "RGB"
        pixels = [np.atleast_3d(np.asarray(image.convert(mode))) for image in opened]
        if len({each.shape for each in pixels}) > 1:
            raise ValueError(f"the images of {view} differ in size; show() shows them, evolution has their files")
        return np.stack(pixels), [name_with_group(image) for image in images]

    def frame(self, by_class: bool = False) -> pandas.DataFrame:
        """The numbers of the run as a table; needs pandas.

        Args:
            by_class: Whether a row is one class in one snapshot, otherwise one epoch; `featevo.notebook.frame` lists
                the columns.

        Raises:
            UserError: pandas is not installed.
        """
        return as_frame(rows_of(self.evolution, by_class))

    def __repr__(self) -> str:
        words = [_epochs(self.epochs), f"{len(self.classes)} {'class' if len(self.classes) == 1 else 'classes'}"]
        if self.best:
            words.append(f"best accuracy {percent(self.best[1])} (epoch {self.best[0]})")
        return f"Run {printable(self.name)}: {', '.join(words)}\n{printable(str(self.folder))}"

    def _repr_html_(self) -> str:
        return inline(Gathered([(self.name, self.evolution)], [], self.folder))

    def _decoded(self, file: str) -> Picture:
        try:
            return decoded(self.folder, file)
        except OSError as error:
            raise UserError(f"{self.folder / file} is missing: the record is not whole") from error

    def _snapshot(self, epoch: int | None, view: str) -> Snapshot:
        own = [snapshot for snapshot in self.evolution.snapshots if snapshot.of_view(view)]
        if not own:
            there = f"the views are: {', '.join(self.views)}" if self.views else "it has no images"
            raise ValueError(printable(f"{self.folder}: no view {view!r}; {there}"))
        found = own if epoch is None else [snapshot for snapshot in own if snapshot.epoch == epoch]
        if not found:
            there = _listed([snapshot.epoch for snapshot in own])
            raise ValueError(printable(f"{self.folder}: no images of {view} at epoch {epoch!r}; there are: {there}"))
        return found[-1]


def _lines(image: Image) -> list[str]:
    name = name_with_group(image) or str(image.unit)
    return caption(name, image.stopped, image.values.get("probability"))


def _epochs(epochs: Sequence[int]) -> str:
    if len(epochs) < 2:
        return f"images of epoch {epochs[0]}" if epochs else "no images"
    return f"images of {len(epochs)} epochs ({epochs[0]} to {epochs[-1]})"


def _listed(epochs: Sequence[int]) -> str:
    words = [str(epoch) for epoch in dict.fromkeys(epochs)]
    return ", ".join(words if len(words) <= SHOWN else [*words[: SHOWN - 3], "...", *words[-2:]])
