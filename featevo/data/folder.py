"""Pictures from a folder of class folders: found, chosen by class, and split into training and validation.

Two layouts are understood::

    ROOT/CLASS/**/picture.jpg                      split here, by `data.val_size`
    ROOT/train/CLASS/...  ROOT/val/CLASS/...       already split (val, valid or validation)
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from featevo.data.pictures import PictureFiles
from featevo.data.source import Splits
from featevo.errors import UserError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_VAL_NAMES = ("val", "valid", "validation")


class FolderSource:
    """Any folder of class folders of JPEG, PNG, WebP or BMP pictures.

    Hidden files and folders and files with other suffixes are ignored; a class may have subfolders. Links are followed,
    except to folders inside a class.

    Args:
        root: the folder; `~` is expanded. None raises when `splits` is called.
        num_classes: take the first so many classes in sorted order.
        classes: take these classes, in this order. With neither, all classes are taken.
        image_size: side of the square pictures, in pixels.
        val_size: a whole number >= 1 is how many pictures validate in all, shared out in proportion to class sizes; a
            fraction in (0, 1) is taken of every class by itself. Not used where `root` is already split.
        seed: chooses which pictures validate. The choice within a class depends on this and the file names in that
            class alone, and a larger share contains every smaller one.
    """

    def __init__(
        self,
        root: str | None,
        num_classes: int | None,
        classes: list[str] | None,
        image_size: int,
        val_size: int | float,
        seed: int,
    ) -> None:
        self.root = root
        self.num_classes = num_classes
        self.classes = classes
        self.image_size = image_size
        self.val_size = val_size
        self.seed = seed

    # Nothing is checked in the constructor: Hydra would wrap the error in its own, and the user's line would be lost.
    def splits(self) -> Splits:
        """List the pictures and divide them; no picture is opened.

        Raises:
            UserError: if the folder, the classes or the size of the validation set cannot be had as asked.
        """
        try:
            return self._splits(_existing(self.root))
        except OSError as error:
            raise UserError(f"data.root={self.root}: cannot list {error.filename}: {error.strerror}") from error

    def _splits(self, root: Path) -> Splits:
        train_root, val_root = _layout(root)
        classes = self._chosen(sorted(folder.name for folder in _subfolders(train_root)), train_root)
        names = [_picture_names(train_root / name) for name in classes]
        _refuse_empty(classes, names, train_root)
        if val_root is None:
            counts = _val_counts(classes, [len(group) for group in names], self.val_size)
            ranked = [sorted(group, key=self._rank) for group in names]
            train = [sorted(group[count:]) for group, count in zip(ranked, counts, strict=True)]
            val = [sorted(group[:count]) for group, count in zip(ranked, counts, strict=True)]
        else:
            missing = [name for name in classes if not (val_root / name).is_dir()]
            if missing:
                raise UserError(f"data.root: {val_root} lacks these classes of {train_root}: {_listed(missing)}")
            train, val = names, [_picture_names(val_root / name) for name in classes]
            _refuse_empty(classes, val, val_root)
        return Splits(
            train=self._files(train_root, classes, train),
            val=self._files(val_root or root, classes, val),
            classes=classes,
        )

    def _files(self, root: Path, classes: list[str], names: list[list[str]]) -> PictureFiles:
        found = [(str(root / classes[i] / name), i) for i, group in enumerate(names) for name in group]
        return PictureFiles(found, self.image_size)

    def _rank(self, name: str) -> bytes:
        # A hash of each name instead of a shuffle of the list: adding or removing one picture moves no other.
        return hashlib.sha256(f"{self.seed}/".encode() + os.fsencode(name)).digest()

    def _chosen(self, found: list[str], root: Path) -> list[str]:
        if len(found) < 2:
            have = f"only one class folder ({found[0]})" if found else "no class folders"
            raise UserError(f"data.root: {root} has {have}, at least 2 are needed, with the pictures of one class each")
        if self.num_classes is not None and not 2 <= self.num_classes <= len(found):
            raise UserError(f"data.num_classes={self.num_classes}: {root} allows 2 to {len(found)}, its classes")
        if self.classes is None:
            return found[: self.num_classes]
        classes = [str(name) for name in self.classes]
        if len(classes) < 2:
            raise UserError(f"data.classes: {len(classes)} named, at least 2 are needed; {root} has {_listed(found)}")
        for name in classes:
            if name not in found:
                close = difflib.get_close_matches(name, found, n=1)
                hint = f", did you mean {close[0]!r}? It" if close else "; it"
                raise UserError(f"data.classes: no class {name!r} in {root}{hint} has {_listed(found)}")
        if len(set(classes)) < len(classes):
            twice = sorted({name for name in classes if classes.count(name) > 1})
            raise UserError(f"data.classes: {_listed(twice)} named more than once")
        if self.num_classes not in (None, len(classes)):
            raise UserError(f"data.num_classes={self.num_classes} but data.classes names {len(classes)}: give only one")
        return classes


def _existing(root: str | None) -> Path:
    if root is None:
        raise UserError("data.root is not set: give the folder that holds one folder of pictures per class")
    path = Path(root).expanduser()
    if not path.is_dir():
        problem = "is not a folder" if path.exists() else "does not exist"
        raise UserError(f"data.root={root} {problem}: give the folder that holds one folder of pictures per class")
    return path


def _layout(root: Path) -> tuple[Path, Path | None]:
    folders = {folder.name.lower(): folder for folder in _subfolders(root)}
    val = next((folders[name] for name in _VAL_NAMES if name in folders), None)
    if val is not None and "train" in folders:
        return folders["train"], val
    if folders and folders.keys() <= {"train", "test", *_VAL_NAMES}:
        raise UserError(
            f"data.root: {root} has {_listed(sorted(folders))}, it needs train and one of {', '.join(_VAL_NAMES)}; "
            "or give the folder that holds the class folders, to have it split by data.val_size"
        )
    return root, None


def _subfolders(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_dir()]


def _picture_names(folder: Path) -> list[str]:
    def fail(error: OSError) -> None:
        raise error

    names: list[str] = []
    for where, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        wanted = [name for name in files if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        names += [(Path(where) / name).relative_to(folder).as_posix() for name in wanted]
    return sorted(names)


def _refuse_empty(classes: list[str], names: list[list[str]], root: Path) -> None:
    empty = [name for name, group in zip(classes, names, strict=True) if not group]
    if empty:
        kinds = ", ".join(SUFFIXES)
        raise UserError(
            f"data.root: no pictures ({kinds}) in {root} for {_listed(empty)}; leave it out by data.classes"
        )


def _val_counts(classes: list[str], sizes: list[int], val_size: int | float) -> list[int]:
    alone = [name for name, size in zip(classes, sizes, strict=True) if size < 2]
    if alone:
        raise UserError(f"data.val_size={val_size}: at least 2 pictures are needed in each of: {_listed(alone)}")
    if isinstance(val_size, float) and 0 < val_size < 1:
        return [min(max(round(val_size * size), 1), size - 1) for size in sizes]
    least, most = len(sizes), sum(sizes) - len(sizes)
    if type(val_size) is not int or not least <= val_size <= most:  # a bool is an int, but no number of pictures
        raise UserError(
            f"data.val_size={val_size}: allowed are a fraction between 0 and 1, or {least} to {most} pictures in all, "
            f"so that each of the {least} classes keeps at least one of {sum(sizes)} pictures on both sides"
        )
    return _shares(sizes, val_size)


def _shares(sizes: list[int], total: int) -> list[int]:
    """Largest remainder in exact integers, each share held within 1..size-1."""
    everything = sum(sizes)
    shares = [min(max(total * size // everything, 1), size - 1) for size in sizes]
    while (gap := total - sum(shares)) != 0:
        sign = 1 if gap > 0 else -1
        free = [i for i, size in enumerate(sizes) if 1 <= shares[i] + sign <= size - 1]
        shares[max(free, key=lambda i: sign * (total * sizes[i] - everything * shares[i]))] += sign
    return shares


def _listed(names: Sequence[str], limit: int = 10) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
