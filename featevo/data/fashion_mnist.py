"""The four files of Fashion-MNIST: where they may be, and their content, read by torchvision's own functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import Tensor
from torchvision.datasets import FashionMNIST
from torchvision.datasets.mnist import read_image_file, read_label_file
from torchvision.datasets.utils import extract_archive

from featevo.data.download import download
from featevo.errors import UserError

TITLE = "Fashion-MNIST"

_SETS = {"train": "train", "val": "t10k"}
_KINDS: dict[str, Callable[[str], Tensor]] = {"images-idx3": read_image_file, "labels-idx1": read_label_file}
_NAMES = [f"{part}-{kind}-ubyte" for part in _SETS.values() for kind in _KINDS]


def read_fashion_mnist(root: Path) -> dict[str, tuple[np.ndarray, list[int]]]:
    """Images uint8 (N, H, W) and their class indices, as "train" and "val".

    The files are in `root` itself, as Debian's package `dataset-fashion-mnist` installs them, or in
    `root/FashionMNIST/raw`, where torchvision downloads them if they are missing; each may be compressed (`.gz`).

    Raises:
        UserError: if files are missing, truncated, of another kind, or do not belong together.
    """
    raw = root / "FashionMNIST" / "raw"
    files = _found(root) or _found(raw)
    missing = [name for name in _NAMES if name not in files]
    if missing and _found(root):
        raise UserError(f"data.root={root}: of {TITLE}'s four files, these are missing: {', '.join(missing)} (or .gz)")
    if missing:
        urls = ", ".join(f"{FashionMNIST.mirrors[0]}{name}" for name, _ in FashionMNIST.resources)
        download(partial(FashionMNIST, root, download=True), TITLE, urls, raw, raw.parent)
        files = _found(raw)
    return {name: _read_set(root, files, part) for name, part in _SETS.items()}


def _found(folder: Path) -> dict[str, Path]:
    paths = [(name, folder / f"{name}{suffix}") for suffix in (".gz", "") for name in _NAMES]
    return {name: path for name, path in paths if path.is_file()}


def _read_set(root: Path, files: dict[str, Path], part: str) -> tuple[np.ndarray, list[int]]:
    images, labels = (_read(root, files[f"{part}-{kind}-ubyte"], read) for kind, read in _KINDS.items())
    known = len(FashionMNIST.classes)
    if len(images) != len(labels) or not len(labels) or int(labels.max()) >= known:
        ends = f" from {int(labels.min())} to {int(labels.max())}" if len(labels) else ""
        found = f"{len(images)} images and {len(labels)} labels{ends}"
        raise UserError(f"data.root={root}: {part} has {found}; each image needs a label from 0 to {known - 1}")
    return images.numpy(), labels.tolist()


def _read(root: Path, path: Path, read: Callable[[str], Tensor]) -> Tensor:
    try:
        if path.suffix != ".gz":
            return read(str(path))
        with TemporaryDirectory() as unpacked:  # the reader takes a file only
            return read(extract_archive(str(path), unpacked))
    except Exception as error:  # of damaged files, nearly anything: AssertionError, RuntimeError, EOFError, zlib.error
        if isinstance(error, OSError) and error.strerror:
            raise
        raise UserError(f"data.root={root}: {path} is truncated, or no such IDX file; fetch it again") from error
