"""Atomic writing: a file is written beside its place and then moved there, so that it is complete or absent."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it takes the place of `path`, on error it is removed.

    The file gets the permissions of a new file in that folder, whichever library writes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
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
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically; numbers that are not finite become null, as JSON has none."""
    write_text(path, json.dumps(finite(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def finite(content: Any) -> Any:
    """The same nested content with NaN and infinities replaced by None."""
    if isinstance(content, float):
        return content if content - content == 0 else None
    if isinstance(content, dict):
        return {key: finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    return content
