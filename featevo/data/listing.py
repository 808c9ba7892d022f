"""What lies in a folder: its subfolders, and the picture files of a class, with one line for what cannot be listed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from featevo.data.choose import listed
from featevo.data.picture_files import PictureFiles
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
        UserError: if it is not set or no folder; `needed` says what to give.
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


def class_files(folders: Sequence[Path], classes: Sequence[str], root: Path) -> list[list[str]]:
    """The pictures of each class: their paths below the class's folder, sorted.

    Raises:
        UserError: naming the classes that have none.
    """
    names = [_picture_names(folder) for folder in folders]
    empty = [name for name, group in zip(classes, names, strict=True) if not group]
    if empty:
        kinds = ", ".join(SUFFIXES)
        raise UserError(f"data.root: no pictures ({kinds}) in {root} for {listed(empty)}; leave it out by data.classes")
    return names


def labelled(
    folders: Sequence[Path], names: Sequence[Sequence[str]], image_size: int, channels: int = 3
) -> PictureFiles:
    """The files of all classes, each labelled with the place of its folder."""
    found = [(str(folders[i] / name), i) for i, group in enumerate(names) for name in group]
    return PictureFiles(found, image_size, channels)


def _picture_names(folder: Path) -> list[str]:
    def fail(error: OSError) -> None:
        raise error

    names: list[str] = []
    for where, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        wanted = [name for name in files if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        names += [(Path(where) / name).relative_to(folder).as_posix() for name in wanted]
    return sorted(names)
