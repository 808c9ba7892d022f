"""The index of a record: a line of JSON for each snapshot, in the order in which they were written.

Recording a snapshot puts one line at the end; the other lines are neither read nor written. If the process is killed
meanwhile, the last line may be a part of one: then its snapshot is not recorded, and the next line takes its place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from featevo.errors import UserError
from featevo.record.files import finite, write_line, write_text
from featevo.record.safe import parse_json
from featevo.record.schema import Snapshot, as_entry, snapshot_of


@dataclass(frozen=True)
class Line:
    """A line of an index.

    Attributes:
        number: From 1.
        start: Place of its first byte.
        end: Place after its last byte, without its line break.
        entry: Its content.
    """

    number: int
    start: int
    end: int
    entry: Any


@dataclass(frozen=True)
class Head:
    """What is kept in memory of a line.

    Attributes:
        snapshot: Without its images.
        units: Number of its images by view.
        start: Place of its first byte.
        end: Place after its last byte, without its line break.
    """

    snapshot: Snapshot
    units: dict[str, int]
    start: int
    end: int


def lines_of(content: bytes, path: Path) -> Iterator[Line]:
    """The lines of an index; not the last one if it is no JSON, as of a process that was killed or is writing.

    Args:
        content: Of the index.
        path: Its path, for errors.

    Raises:
        UserError: Another line is no JSON.
    """
    # Not splitlines, which also splits at separators that JSON leaves as they are in a class name.
    start, last = 0, len(content.rstrip())
    for number, line in enumerate(content.split(b"\n"), 1):
        end = start + len(line)
        if line.strip():
            where = f"{path}, line {number}"
            try:
                entry = parse_line(line, where)
            except ValueError as error:
                if end >= last:
                    return
                raise UserError(f"{where}: {error}; each line must be one snapshot") from error
            yield Line(number, start, end, entry)
        start = end + 1


def parse_line(line: bytes, where: str) -> Any:
    """The content of one line.

    Args:
        line: Its bytes.
        where: Its name in an error.

    Raises:
        ValueError: It is not JSON, as a part of a line.
        UserError: See `featevo.record.safe.parse_json`.
    """
    try:
        return parse_json(line.decode("utf-8"), where)
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg})") from error


class Index:
    """The index of a run's own record, so it may be behind a symbolic link to another disk.

    Args:
        path: Of the file, which may not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._heads: list[Head] = []
        self._state: tuple[int, ...] | None = None

    def entries(self) -> list[dict[str, Any]]:
        """The content of all lines.

        Raises:
            UserError: When a line that was written completely cannot be read.
        """
        return [line.entry for line in self._lines()]

    def heads(self) -> list[Head]:
        """What is kept of each line; the file is read only when another process or a change has written it.

        Raises:
            UserError: When a line that was written completely cannot be read.
        """
        state = self._state_of_file()
        if state is None or state != self._state:
            self._heads = [_head(self.snapshot_of(line.entry), line.start, line.end) for line in self._lines()]
            self._state = state
        return self._heads

    def read(self, head: Head) -> Snapshot:
        """The snapshot of a line, with its images.

        Raises:
            UserError: When it cannot be read.
        """
        with self.path.open("rb") as file:
            file.seek(head.start)
            line = file.read(head.end - head.start)
        try:
            return self.snapshot_of(parse_line(line, str(self.path)))
        except ValueError as error:
            raise UserError(f"{self.path}: {error}") from error

    def append(self, snapshot: Snapshot) -> None:
        """Put the line of a snapshot at the end, all of it or none.

        Raises:
            OSError: It cannot be written; then the index is as before.
            UserError: See `heads`.
        """
        heads = self.heads()
        if self._state is None or self.path.is_symlink():  # a link is replaced, as what is behind it may be another's
            self.write([*self.entries(), as_entry(snapshot)])
            return
        start = heads[-1].end + 1 if heads else 0
        line = _line(as_entry(snapshot))
        write_line(self.path, start, line)
        self._heads = [*heads, _head(snapshot, start, start + len(line))]
        self._state = self._state_of_file()

    def write(self, entries: Sequence[dict[str, Any]]) -> None:
        """Replace all lines."""
        write_text(self.path, "".join(_line(entry).decode() + "\n" for entry in entries))

    def snapshot_of(self, entry: Any) -> Snapshot:
        """The snapshot that the content of a line describes.

        Raises:
            UserError: When it describes none.
        """
        try:
            return snapshot_of(entry)
        except ValueError as error:
            raise UserError(f"{self.path}: {error}") from error

    def _lines(self) -> Iterator[Line]:
        return lines_of(self.path.read_bytes() if self.path.is_file() else b"", self.path)

    def _state_of_file(self) -> tuple[int, ...] | None:
        """What a change of the file changes; None where there is no file."""
        if not self.path.is_file():
            return None
        status = self.path.stat()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _head(snapshot: Snapshot, start: int, end: int) -> Head:
    units = Counter(image.view for image in snapshot.images)
    return Head(msgspec.structs.replace(snapshot, images=[]), dict(units), start, end)


def _line(entry: dict[str, Any]) -> bytes:
    text = json.dumps(finite(entry), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="backslashreplace")
