"""Reading files of a folder from an unknown source: regular files inside it, of limited size, with limited numbers.

A refusal is a `UserError` of one line. An absent file raises `FileNotFoundError` or `NotADirectoryError`.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from featevo.errors import UserError

MIB = 1 << 20
MOST_INDEX, MOST_CSV, MOST_PNG, MOST_JSON, MOST_SWEEP = 1024 * MIB, 256 * MIB, 64 * MIB, 64 * MIB, 8 * MIB
MOST_YAML = MIB
MOST_MATRICES = 256 * MIB
"""Bytes by kind of file; `confusion.json` with its matrices has about 100 MiB for 1000 classes."""

MOST_GRAMS = 16 * MIB
"""Bytes of `grams.safetensors`, which has less than 1 MiB."""

MOST_DEPTH = 64
"""Levels of nested JSON."""

MOST_DIGITS, MOST_NUMBER = 40, 1e300
"""Limits of integers in JSON, enough for 128 bits, and of other numbers, so that multiples are finite."""

# Without O_NONBLOCK, opening a FIFO would wait for a writer.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC


def inside(folder: Path, relative: str | Path) -> Path:
    """The path of a file, all symbolic links resolved.

    Raises:
        UserError: It is not in `folder`.
    """
    try:
        path = Path(os.path.realpath(folder / relative))
    except ValueError as error:
        raise refused(folder / relative, "has a NUL character in its name") from error
    if Path(os.path.realpath(folder)) not in path.parents:
        raise refused(folder / relative, f"is not inside {folder}")
    return path


def regular(folder: Path, relative: str | Path) -> Path:
    """The path of a regular file, for a library that reads it; see `inside`.

    Raises:
        UserError: It is not in `folder`, or no regular file.
    """
    path = inside(folder, relative)
    if not path.is_file():
        raise refused(folder / relative, "is not a regular file")
    return path


def all_inside(folder: Path, files: Iterable[str]) -> None:
    """The same for many files, of which each folder is resolved once.

    Raises:
        UserError: One is not in `folder`.
    """
    known = set()
    for file in files:
        where, _, name = file.rpartition("/")
        if where not in known or name in ("", ".", "..") or _may_be_link(os.path.join(folder, file)):
            inside(folder, file)
            known.add(where)


def _may_be_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:  # missing
        return False
    except ValueError:  # a name that no file can have
        return True


def check_links(folder: Path) -> None:
    """Refuse symbolic links that lead out of a folder, before other programs write in it.

    Raises:
        UserError: It has one; those in W&B's own folders, which point to its logs elsewhere, are not looked at.
    """
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if os.path.islink(os.path.join(where, name)):
                inside(folder, Path(where, name).relative_to(folder))
        folders[:] = [name for name in folders if name != "wandb"]


def read_bytes(folder: Path, relative: str | Path, most: int) -> bytes:
    """The content of a regular file.

    Args:
        folder: The file must be in it.
        relative: Its path from there.
        most: Bytes that it may have.

    Raises:
        UserError: It is outside, no regular file, too large, or cannot be read.
    """
    where = folder / relative
    try:
        descriptor = _open(folder, relative)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise refused(where, "is not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(most + 1) if status.st_size <= most else b""
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise refused(where, f"cannot be read ({error.strerror})") from error
    if max(status.st_size, len(content)) > most:
        raise refused(where, f"is larger than {most:,} bytes")
    return content


def _open(folder: Path, relative: str | Path) -> int:
    """The descriptor of a file in a folder."""
    parts = Path(relative).parts
    if not Path(relative).is_absolute() and ".." not in parts:
        try:
            return _open_parts(folder, parts)  # without links there is nothing to resolve, which would take most time
        except ValueError:  # a name that no file can have
            pass
        except OSError as error:
            if error.errno != errno.ELOOP:  # a symbolic link
                raise
    # A symbolic link that is put there after `inside` resolved the path is not followed.
    return _open_parts(folder, inside(folder, relative).relative_to(os.path.realpath(folder)).parts)


def _open_parts(folder: Path, parts: Sequence[str]) -> int:
    """The same component by component; a symbolic link below the folder is an error."""
    descriptor = os.open(folder, _FLAGS & ~os.O_NOFOLLOW)
    for part in parts:
        try:
            below = os.open(part, _FLAGS, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def read_text(folder: Path, relative: str | Path, most: int) -> str:
    """The same as text: UTF-8 without NUL characters."""
    content = read_bytes(folder, relative, most)
    if b"\0" in content:
        raise refused(folder / relative, "has NUL characters")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(folder / relative, "is not UTF-8") from error


def read_json(folder: Path, relative: str | Path, most: int = MOST_JSON) -> Any:
    """The same as JSON; see `parse_json`."""
    return parse_json(read_text(folder, relative, most), folder / relative)


def read_yaml(folder: Path, relative: str | Path) -> str:
    """The same as the text of YAML that holds a mapping, without aliases: a few of them may stand for any length.

    Raises:
        yaml.YAMLError: It is not YAML.
    """
    text = read_text(folder, relative, MOST_YAML)
    depth, kinds = 0, list[type]()
    for event in yaml.parse(text):
        kinds = [*kinds, type(event)][:3]
        if isinstance(event, yaml.AliasEvent):
            raise refused(folder / relative, "has YAML aliases")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise refused(folder / relative, f"is nested more than {MOST_DEPTH} levels deep")
    if kinds[2:] != [yaml.MappingStartEvent]:  # after the start of the stream and of the document
        raise refused(folder / relative, "holds no mapping")
    return text


def parse_json(text: str, where: str | Path) -> Any:
    """Parse JSON; NaN and infinities become None, as `featevo.record.files.write_json` writes them.

    Args:
        text: The JSON.
        where: Its name in an error.

    Raises:
        json.JSONDecodeError: It is not JSON, such as a file that was cut off.
        UserError: It is nested too deeply, or has a number outside the limits.
    """

    def whole(digits: str) -> int:
        if len(digits) > MOST_DIGITS:
            raise refused(where, f"has a number of {len(digits)} digits")
        return int(digits)

    def real(digits: str) -> float:
        if abs(number := float(digits)) > MOST_NUMBER:
            raise refused(where, f"has a number that is too large ({digits[:MOST_DIGITS]})")
        return number

    too_deep = f"is nested more than {MOST_DEPTH} levels deep"
    try:
        content = json.loads(text, parse_int=whole, parse_float=real, parse_constant=lambda name: None)
    except RecursionError as error:
        raise refused(where, too_deep) from error
    level = [content]
    for _ in range(MOST_DEPTH):
        level = [child for parent in level for child in _children(parent) if type(child) in _NESTED]
    if level:
        raise refused(where, too_deep)
    return content


_NESTED = frozenset((dict, list))


def _children(content: Any) -> Iterable[Any]:
    return content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()


def refused(where: str | Path, why: str) -> UserError:
    """A refusal in one line."""
    return UserError(f"{where} {why}")
