"""Atomic writing: a file is written beside its place and then moved there, so that it is complete or absent."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from featevo.errors import UserError

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE)
"""Errors of a disk that is full or gone, which no code can cause or mend."""


def is_of_disk(error: BaseException) -> bool:
    """Whether a full or broken disk is the cause."""
    return isinstance(error, OSError) and error.errno in DISK


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it takes the place of `path`, on error it is removed.

    The file gets the permissions of a new file in that folder, whichever library writes it.

    Raises:
        OSError: Nothing can be written, as on a full disk; it names `path`, not the temporary file.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Taken from a new file: reading the umask would change it for the other threads.
        temporary.unlink(missing_ok=True)  # a symbolic link of that name would be followed
        temporary.touch()
        permissions = stat.S_IMODE(temporary.stat().st_mode)
        temporary.unlink()
        yield temporary
        if (
            stat.S_IMODE(temporary.stat().st_mode) != permissions
        ):  # safetensors makes files that other users cannot read
            temporary.chmod(permissions)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        # Without a number, it is a library's message. Another file, such as the folder, is named already.
        if error.errno is None or error.filename not in (None, str(temporary), temporary):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):  # not in place of the error above: the folder may be gone
            temporary.unlink()


def remove_temporaries(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left in a folder and below it."""
    for path in list(folder.rglob(".*.tmp")):
        if re.fullmatch(r"\..+\.\d+\.tmp", path.name):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8; what UTF-8 cannot have, as of a file's name, as a JSON escape."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_line(path: Path, start: int, line: bytes) -> None:
    """Put a line at the end of a file, all of it or none.

    Args:
        path: The file.
        start: Place of the line's first byte; what a process that was killed has left from there on is removed.
        line: Without its line break.

    Raises:
        OSError: It cannot be written, as on a full disk; then the file has the lines before it.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            try:
                if start:  # the line before it may lack its line break
                    file.seek(start - 1)
                    file.write(b"\n")
                file.truncate(start)
                rest = memoryview(line + b"\n")
                while rest:  # on a full disk a part is written before the error
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except BaseException:
                with suppress(OSError):  # not in place of the error
                    file.truncate(start)
                raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically; see `as_json`."""
    write_text(path, as_json(content))


def as_json(content: Any) -> str:
    """A JSON file's text; numbers that are not finite become null, as JSON has none."""
    return json.dumps(finite(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def log_failure(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a failure that stops nothing: in one line if files are the cause, else with its traceback.

    Args:
        log: Of the caller's module.
        what: What failed, and what goes on.
        error: Why.
    """
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    log.error("%s (%s)", what, reason, exc_info=not isinstance(error, OSError | UserError))


def finite(content: Any) -> Any:
    """The same nested content with NaN and infinities replaced by None."""
    if isinstance(content, float):
        return content if content - content == 0 else None
    if isinstance(content, dict):
        return {key: finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    return content


def slug(name: str) -> str:
    """A name as part of a file name: letters, digits and dashes, at most 60 characters and 180 bytes."""
    letters = re.sub(r"[\W_]+", "-", name).strip("-")[:60]
    return letters.encode()[:180].decode(errors="ignore") or "class"
