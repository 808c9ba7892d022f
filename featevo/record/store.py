"""One run's record on disk. Each change is written completely or not at all."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain, count, zip_longest
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from featevo.errors import UserError
from featevo.record.files import slug, write_json
from featevo.record.images import load_image, save_image
from featevo.record.index import Index
from featevo.record.reading import LAYERS
from featevo.record.safe import MOST_MATRICES, inside, read_json
from featevo.record.schema import INDEX, MAIN_VIEW, REAL, Image, Snapshot, as_entry
from featevo.record.tensors import load_grams, load_weights, try_grams, try_weights

log = logging.getLogger(__name__)

REAL_EACH, REAL_ALL = 4, 400
"""Most real images of a class and, except that each class has one, of all classes."""


class RunFolder:
    """The record of a run: `evolution/`, and the weights of each snapshot under `checkpoints/`.

    Args:
        path: The run folder.
        training: Id of the training, kept in each snapshot.
    """

    def __init__(self, path: Path, training: str = "") -> None:
        self.path, self.training = path, training
        self.index = path / INDEX
        self._index = Index(self.index)

    def append(
        self,
        snapshot: Snapshot,
        pixels: Sequence[Tensor] = (),
        sources: Sequence[Mapping[str, Any]] = (),
        weights: Mapping[str, Tensor] | None = None,
        matrices: Mapping[str, Any] | None = None,
        grams: Mapping[str, Tensor] | None = None,
    ) -> Snapshot:
        """Write images, then weights, then the line of the index that refers to them.

        Args:
            snapshot: What is recorded; `folder`, `training` and each image's `file` are filled in.
            pixels: (C, H, W) in 0..1, one for each of the snapshot's images.
            sources: Where each comes from; goes into its PNG, with the snapshot's epoch and step.
            weights: The module's state, saved as `checkpoints/epoch=NNN.safetensors`, or an error is logged;
                None saves none.
            matrices: Confusion matrices, for `confusion.json`.
            grams: Gram matrices (N, N) by layer, in the layers' order, for `grams.safetensors`, or an error is logged.

        Returns:
            The snapshot as recorded.

        Raises:
            OSError: Something other than weights and Gram matrices cannot be written; then nothing is kept.
            UserError: The index cannot be read.
        """
        name = _free_name(snapshot, {each.folder for each in self.moments()})
        snapshot = msgspec.structs.replace(snapshot, folder=name, training=self.training)
        try:
            images = self._write_images(snapshot, pixels, sources)
            snapshot = msgspec.structs.replace(snapshot, images=images)
            if matrices:
                write_json(self.path / snapshot.matrices_file, matrices)
            if grams:
                try_grams(self.path / snapshot.grams_file, grams)
            if weights is not None:
                try_weights(self.path / snapshot.weights_file, weights)
            self._index.append(snapshot)
        except Exception:  # the space on a full disk is for the next snapshot
            shutil.rmtree(self.path / "evolution" / name, ignore_errors=True)
            with suppress(OSError):
                (self.path / snapshot.weights_file).unlink()
            raise
        return snapshot

    def add(
        self,
        snapshot: Snapshot,
        images: Sequence[Image],
        pixels: Sequence[Tensor],
        sources: Sequence[Mapping[str, Any]],
        seconds: Mapping[str, float],
        provenance: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Add images of views that a snapshot lacks: the files, then its line of the index.

        Args:
            snapshot: Of this record.
            images: Entries of the new images; each one's `file` is filled in.
            pixels: (C, H, W) in 0..1, one for each.
            sources: Where each comes from; goes into its PNG.
            seconds: Time for each new view.
            provenance: Of each new view.

        Raises:
            OSError: When a file cannot be written; then the index is as before.
            UserError: When the index cannot be read, or a folder is outside the run's.
        """
        new = msgspec.structs.replace(snapshot, images=list(images))
        for image in images:
            inside(self.path, self._file_of(snapshot, image))
        written = self._write_images(new, pixels, sources)

        def with_images(found: Snapshot) -> Snapshot | None:
            if found.folder != snapshot.folder:
                return None
            views = dict(provenance)
            about = {**found.provenance, **views.pop(MAIN_VIEW, {})}
            about |= {"views": {**(found.provenance.get("views") or {}), **views}} if views else {}
            return msgspec.structs.replace(
                found,
                images=[*found.images, *written],
                view_seconds={**found.view_seconds, **seconds},
                provenance=about,
            )

        self.update(with_images, {})

    def _file_of(self, snapshot: Snapshot, image: Image) -> str:
        other = "" if image.view == MAIN_VIEW else f"{image.view}/"
        return f"evolution/{snapshot.folder}/{other}{image.unit:03d}-{slug(image.name)}.png"

    def _write_images(
        self, snapshot: Snapshot, pixels: Sequence[Tensor], sources: Sequence[Mapping[str, Any]]
    ) -> list[Image]:
        images = []
        for image, picture, source in zip(snapshot.images, pixels, sources, strict=True):
            file = self._file_of(snapshot, image)
            when = {"epoch": snapshot.epoch, "step": snapshot.step}
            what = {"unit": image.unit, "name": image.name, **({} if image.view == MAIN_VIEW else {"view": image.view})}
            save_image(picture, self.path / file, {**source, **when, **what})
            images.append(msgspec.structs.replace(image, file=file))
        return images

    def remove_weights(self, keep: int) -> None:
        """Remove the weights of all snapshots but the last `keep`."""
        for snapshot in self.moments()[:-keep]:
            inside(self.path, snapshot.weights_file).unlink(missing_ok=True)

    def record_real(self, images: Tensor, labels: Tensor, names: Sequence[str]) -> None:
        """Write a few real images of each class, all or none; a record that has them keeps its own.

        Args:
            images: (N, C, H, W) in 0..1; the first ones of each class are written.
            labels: (N,), places in `names`.
            names: Of all classes.
        """
        if self.has_real:
            return
        final = self.path / REAL
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
        each = max(1, min(REAL_EACH, REAL_ALL // len(names)))
        try:
            for unit, name in enumerate(names):
                for number, image in enumerate(images[labels == unit][:each]):
                    source = {"unit": unit, "name": name, "real": True}
                    save_image(image, temporary / f"{unit:03d}-{slug(name)}-{number}.png", source)
            shutil.rmtree(final, ignore_errors=True)  # of a training that ended before its first snapshot
            temporary.replace(final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    @property
    def has_real(self) -> bool:
        """Whether the record has snapshots and real images."""
        return self.index.is_file() and (self.path / REAL).is_dir()

    def snapshots(self) -> list[Snapshot]:
        """All snapshots so far, in the order in which they were written.

        Raises:
            UserError: When a line of the index cannot be read; the last one, if it was cut off, is not recorded.
        """
        return [self._index.snapshot_of(entry) for entry in self._index.entries()]

    def moments(self) -> list[Snapshot]:
        """The same without images, from memory: a record of many images takes seconds to read."""
        return [head.snapshot for head in self._index.heads()]

    def update(self, change: Callable[[Snapshot], Snapshot | None], matrices: Mapping[str, Mapping[str, Any]]) -> None:
        """Change snapshots of the index; fields that this version does not know stay.

        Args:
            change: From a snapshot to what takes its place, with the same images and perhaps more; None leaves it.
            matrices: Confusion matrices by a snapshot's folder, to be added to its own.

        Raises:
            UserError: When a file to change is outside the folder, by a symbolic link.
        """
        entries, files = self._index.entries(), {}
        for place, entry in enumerate(entries):
            changed = change(self._index.snapshot_of(entry))
            if changed is None:
                continue
            new = as_entry(changed)
            pairs = zip_longest(entry["renders"], new["renders"], fillvalue=dict[str, Any]())
            images = [{**old, **image} for old, image in pairs]
            entries[place] = {**entry, **new, "renders": images}
            if matrices.get(changed.folder):
                file = changed.matrices_file
                known = read_json(self.path, file, MOST_MATRICES) if (self.path / file).exists() else {}
                files[inside(self.path, file)] = {**known, **matrices[changed.folder]}
        inside(self.path, INDEX)
        for path, content in files.items():
            write_json(path, content)
        self._index.write(entries)

    def truncate_after(self, step: int) -> None:
        """Remove all snapshots of later optimizer steps, with their files, and numbers relative to the last of them.

        Raises:
            UserError: When the index cannot be read, or a folder in it is outside the run's.
        """
        moments = self.moments()
        later = [moment for moment in moments if moment.step > step]
        if not later:
            return
        pairs = zip(moments, self._index.entries(), strict=True)
        self._index.write([entry for moment, entry in pairs if moment.step <= step])
        for snapshot in (each for each in later if each.folder):
            shutil.rmtree(inside(self.path, snapshot.matrices_file).parent, ignore_errors=True)
            inside(self.path, snapshot.weights_file).unlink(missing_ok=True)
        (self.path / LAYERS).unlink(missing_ok=True)

    def weights(self, snapshot: Snapshot) -> dict[str, Tensor] | None:
        """The module's state at a snapshot; None where it was not saved.

        Raises:
            UserError: When its file is damaged, or outside the folder.
        """
        return load_weights(self.path, snapshot.weights_file)

    def grams(self, snapshot: Snapshot) -> dict[str, Tensor]:
        """The Gram matrices (N, N) by layer at a snapshot, in the order as written; empty where there are none.

        Raises:
            UserError: When their file is damaged, too large, or outside the folder.
        """
        return load_grams(self.path, snapshot.grams_file)

    def pixels(self, snapshot: Snapshot, view: str = MAIN_VIEW) -> Tensor:
        """The images (U, C, H, W) of a view in 0..1, read from their files.

        Raises:
            UserError: When one cannot be read.
        """
        try:
            return torch.stack([load_image(self.path, image.file) for image in snapshot.of_view(view)])
        except (OSError, RuntimeError) as error:  # missing, or of different sizes
            raise UserError(f"{self.path}: images of {snapshot.folder} cannot be read ({error})") from error

    def last_units(self) -> dict[str, list[int]]:
        """By view, the units of its images in the last snapshot that has any."""
        last = {view: head for head in self._index.heads() for view in head.units}
        read = {head.start: self._index.read(head) for head in last.values()}
        return {view: [image.unit for image in read[head.start].of_view(view)] for view, head in last.items()}

    def last(self, view: str, number: int, before: Snapshot | None = None) -> Tensor | None:
        """The images (U, C, H, W) of the last snapshot that has a number of them; None where there is none.

        Args:
            view: Its name.
            number: Of images.
            before: Only snapshots before this one of the record; None: all.
        """
        heads = self._index.heads()
        if before is not None:
            heads = heads[: [head.snapshot.folder for head in heads].index(before.folder)]
        whole = (head for head in reversed(heads) if head.units.get(view) == number)
        return next((self.pixels(self._index.read(head), view) for head in whole), None)


def _free_name(snapshot: Snapshot, taken: set[str]) -> str:
    # Two validations within one epoch give two snapshots of it; a resumed fit may even repeat a step.
    epoch, step = f"epoch={snapshot.epoch:03d}", f"-step={snapshot.step:07d}"
    names = chain([epoch, epoch + step], (f"{epoch}{step}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
