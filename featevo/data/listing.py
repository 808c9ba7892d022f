"""The content of a folder: its subfolders, and the image files of each class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from featevo.data.choose import listed
from featevo.data.image_files import LabelledImages
from featevo.errors import UserError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@contextmanager
def readable(root: str | Path | None) -> Iterator[None]:
    """Turn an `OSError` inside into a `UserError` that names `data.root` and the file."""
    try:
        yield
    except OSError as error:
        what = f"cannot list {error.filename}: {error.strerror}" if error.strerror else str(error)
        raise UserError(f"data.root={root}: {what}") from error


def existing(root: str | None, needed: str) -> Path:
    """The folder `data.root`, with `~` expanded.

    Raises:
        UserError: if it is not set or no folder; `needed` names the folder to give.
    """
    if root is None:
        raise UserError(f"data.root is not set: give {needed}")
    path = Path(root).expanduser()
    if not path.is_dir():
        problem = "is not a folder" if path.exists() else "does not exist"
        raise UserError(f"data.root={root} {problem}: give {needed}")
    return path


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, and links to folders, in no order; hidden ones are left out."""
    return [entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.is_dir()]


def class_files(root: Path, folders: Sequence[str], classes: Sequence[str]) -> list[list[str]]:
    """The images of each class: their paths below the class's folder in `root`, sorted.

    Raises:
        UserError: if classes have none; it lists them.
    """
    names = [_image_names(root / folder) for folder in folders]
    empty = [name for name, group in zip(classes, names, strict=True) if not group]
    if empty:
        kinds = ", ".join(SUFFIXES)
        raise UserError(f"data.root: no images ({kinds}) in {root} for {listed(empty)}; leave it out by data.classes")
    return names


def labelled(
    root: Path, folders: Sequence[str], names: Sequence[Sequence[str]], image_size: int, channels: int = 3
) -> LabelledImages:
    """The files of all classes, each labelled with the index of its folder."""
    found = [(str(root / folders[i] / name), i) for i, group in enumerate(names) for name in group]
    return LabelledImages(found, image_size, channels)


def _image_names(folder: Path) -> list[str]:
    def fail(error: OSError) -> None:
        raise error

    names: list[str] = []
    for where, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        wanted = [name for name in files if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        names += [(Path(where) / name).relative_to(folder).as_posix() for name in wanted]
    return sorted(names)
