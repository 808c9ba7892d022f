"""One run's record on disk. Each change is written completely or not at all."""

from __future__ import annotations

import json
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
from safetensors import SafetensorError
from safetensors.torch import load, load_file, save_file
from torch import Tensor

from featevo.errors import UserError
from featevo.record.files import finite, replacing, slug, write_json, write_text
from featevo.record.images import load_image, save_image
from featevo.record.reading import LAYERS, entries_of
from featevo.record.safe import MOST_GRAMS, MOST_MATRICES, inside, read_bytes, read_json, refused, regular
from featevo.record.schema import INDEX, MAIN_VIEW, REAL, Image, Snapshot, as_entry, snapshot_of

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
        entries = self._entries()
        name = _free_name(snapshot, {entry["folder"] for entry in entries})
        snapshot = msgspec.structs.replace(snapshot, folder=name, training=self.training)
        try:
            images = self._write_images(snapshot, pixels, sources)
            snapshot = msgspec.structs.replace(snapshot, images=images)
            if matrices:
                write_json(self.path / snapshot.matrices_file, matrices)
            if grams:
                # Numbered, as safetensors does not keep the order.
                numbered = {f"{place:03d} {layer}": gram for place, (layer, gram) in enumerate(grams.items())}
                self._try_tensors(snapshot.grams_file, numbered, "Gram matrices")
            if weights is not None:
                self._try_tensors(snapshot.weights_file, weights, "weights")
            self._write([*entries, as_entry(snapshot)])
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

    def _try_tensors(self, file: str, tensors: Mapping[str, Tensor], what: str) -> None:
        """A disk that has no room for weights may have room for images, which are much smaller."""
        path = self.path / file
        try:
            with replacing(path) as temporary:
                # Copies: safetensors refuses tensors that share memory, as tied weights do.
                copies = {key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()}
                save_file(copies, temporary)
        except (OSError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            log.error("%s cannot be written; the images are recorded without these %s (%s)", path, what, reason)

    def remove_weights(self, keep: int) -> None:
        """Remove the weights of all snapshots but the last `keep`."""
        for snapshot in self.snapshots()[:-keep]:
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
            UserError: When a line of the index cannot be read, as that of a run that was killed while writing.
        """
        return [self._snapshot(entry) for entry in self._entries()]

    def update(self, change: Callable[[Snapshot], Snapshot | None], matrices: Mapping[str, Mapping[str, Any]]) -> None:
        """Change snapshots of the index; fields that this version does not know stay.

        Args:
            change: From a snapshot to what takes its place, with the same images and perhaps more; None leaves it.
            matrices: Confusion matrices by a snapshot's folder, to be added to its own.

        Raises:
            UserError: When a file to change is outside the folder, by a symbolic link.
        """
        entries, files = self._entries(), {}
        for place, entry in enumerate(entries):
            changed = change(self._snapshot(entry))
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
        self._write(entries)

    def truncate_after(self, step: int) -> None:
        """Remove all snapshots of later optimizer steps, with their files, and numbers relative to the last of them.

        Raises:
            UserError: When the index cannot be read, or a folder in it is outside the run's.
        """
        entries = self._entries()
        later = [snapshot for entry in entries if (snapshot := self._snapshot(entry)).step > step]
        if not later:
            return
        self._write([entry for entry in entries if self._snapshot(entry).step <= step])
        for snapshot in (each for each in later if each.folder):
            shutil.rmtree(inside(self.path, snapshot.matrices_file).parent, ignore_errors=True)
            inside(self.path, snapshot.weights_file).unlink(missing_ok=True)
        (self.path / LAYERS).unlink(missing_ok=True)

    def weights(self, snapshot: Snapshot) -> dict[str, Tensor] | None:
        """The module's state at a snapshot; None where it was not saved.

        Raises:
            UserError: When its file is damaged, or outside the folder.
        """
        path = self.path / snapshot.weights_file
        if not path.exists():
            return None
        try:
            return load_file(regular(self.path, snapshot.weights_file))
        except (SafetensorError, OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read ({' '.join(str(error).split())})") from error

    def grams(self, snapshot: Snapshot) -> dict[str, Tensor]:
        """The Gram matrices (N, N) by layer at a snapshot, in the order as written; empty where there are none.

        Raises:
            UserError: When their file is damaged, too large, or outside the folder.
        """
        path = self.path / snapshot.grams_file
        try:
            grams = load(read_bytes(self.path, snapshot.grams_file, MOST_GRAMS))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (SafetensorError, ValueError) as error:
            raise refused(path, f"cannot be read ({' '.join(str(error).split())})") from error
        if not all(one.is_floating_point() and one.ndim == 2 and len({*one.shape}) == 1 for one in grams.values()):
            raise refused(path, "holds other tensors than square matrices")
        return {name.partition(" ")[2]: grams[name] for name in sorted(grams)}

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
        snapshots = self.snapshots()
        last = {image.view: each for each in snapshots for image in each.images}
        return {view: [image.unit for image in each.of_view(view)] for view, each in last.items()}

    def last(self, view: str, number: int, before: Snapshot | None = None) -> Tensor | None:
        """The images (U, C, H, W) of the last snapshot that has a number of them; None where there is none.

        Args:
            view: Its name.
            number: Of images.
            before: Only snapshots before this one of the record; None: all.
        """
        snapshots = self.snapshots()
        if before is not None:
            snapshots = snapshots[: [each.folder for each in snapshots].index(before.folder)]
        whole = (snapshot for snapshot in reversed(snapshots) if len(snapshot.of_view(view)) == number)
        return next((self.pixels(snapshot, view) for snapshot in whole), None)

    def _entries(self) -> list[dict[str, Any]]:
        if not self.index.is_file():
            return []
        try:
            # The run's own record, so it may be behind a symbolic link to another disk.
            text = self.index.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise UserError(f"{self.index} is not UTF-8") from error
        return [entry for _, entry in entries_of(text, self.index)]

    def _snapshot(self, entry: Any) -> Snapshot:
        try:
            return snapshot_of(entry)
        except ValueError as error:
            raise UserError(f"{self.index}: {error}") from error

    def _write(self, entries: Sequence[dict[str, Any]]) -> None:
        # The whole index is replaced, so that no line is ever half-written.
        lines = (json.dumps(finite(entry), ensure_ascii=False, allow_nan=False) for entry in entries)
        write_text(self.index, "".join(f"{line}\n" for line in lines))


def _free_name(snapshot: Snapshot, taken: set[str]) -> str:
    # Two validations within one epoch give two snapshots of it; a resumed fit may even repeat a step.
    epoch, step = f"epoch={snapshot.epoch:03d}", f"-step={snapshot.step:07d}"
    names = chain([epoch, epoch + step], (f"{epoch}{step}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
