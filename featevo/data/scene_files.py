"""Drawn images that are kept between runs, in the user's cache folder, so that they are drawn once.

They are the same as drawn anew: a file's name is a hash of all that decides its images, the code included.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

import featevo.data.scenes as drawing
from featevo.data.scenes import Scenes
from featevo.record.files import replacing
from featevo.record.provenance import config_hash

SETTING = "FEATEVO_CACHE"
"""Variable of the environment: another folder for what is kept, or "off": nothing is kept or read."""

LIMIT = 10**9
"""Most bytes of the folder; beyond it, what was not used for longest is removed."""

_DIGEST = hashlib.sha256().digest_size

Arrays = Mapping[str, np.ndarray]


def read(images: Scenes) -> Arrays | None:
    """The arrays that were kept of these images; None where there are none, or their file is damaged."""
    path = _path(images)
    if path is None or not path.is_file():
        return None
    with suppress(OSError, SafetensorError, ValueError):
        content = path.read_bytes()
        data = content[_DIGEST:]
        if hashlib.sha256(data).digest() == content[:_DIGEST]:
            os.utime(path)  # it was used now
            return safetensors.numpy.load(data)
    return None


def keep(images: Scenes, arrays: Arrays) -> None:
    """Keep the arrays of these images, if there is a place for them."""
    path = _path(images)
    size = sum(array.nbytes for array in arrays.values())
    if path is None or size > LIMIT // 2:  # so large a set would remove most others
        return
    with suppress(OSError):  # as in a folder that cannot be written, or on a full disk: they are drawn again
        data = safetensors.numpy.save(dict(arrays))
        with replacing(path) as temporary:
            temporary.write_bytes(hashlib.sha256(data).digest() + data)
        _make_room(path.parent)


def folder() -> Path | None:
    """Where images are kept; None: nowhere."""
    given = os.environ.get(SETTING)
    if given == "off":
        return None
    home = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    place = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or home) / "featevo"
    with suppress(RuntimeError):  # there is no home
        return place.expanduser() / "scenes"
    return None


def _path(images: Scenes) -> Path | None:
    place = folder()
    return None if place is None else place / f"{config_hash({**_settings(images), **_code()})}.safetensors"


def _settings(images: Scenes) -> dict[str, Any]:
    """All that decides the images, apart from the code that draws them."""
    return {
        "classes": images.classes,
        "per_class": images.per_class,
        "image_size": images.image_size,
        "seed": images.seed,
        "split": images.split,
    }


@cache
def _code() -> dict[str, str]:
    """A hash of the code that draws, and the versions of the libraries that it uses."""
    root = Path(str(drawing.__file__)).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)} {path.stat().st_size}".encode() + path.read_bytes())
    return {"code": digest.hexdigest(), **{name: version(name) for name in ("numpy", "pillow")}}


def _make_room(place: Path) -> None:
    """Remove what was not used for longest, other processes' files included, until the folder is small enough."""
    total, ages = 0, []
    for path in place.iterdir():
        with suppress(FileNotFoundError):  # another process has removed it
            about = path.stat()
            total += about.st_size
            ages.append((about.st_mtime, about.st_size, path))
    for _, size, path in sorted(ages):
        if total <= LIMIT:
            break
        path.unlink(missing_ok=True)
        total -= size
