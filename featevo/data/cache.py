"""All images of a set in memory, decoded or drawn once, before training starts.

So all unreadable files are reported together before the first step, and decoding costs no time while training.
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from featevo.data import scene_files
from featevo.data.image_files import LabelledImages
from featevo.data.scenes import Scenes
from featevo.data.source import Images
from featevo.errors import UserError

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CachedImages:
    """Images in one uint8 tensor (N, C, H, W), with their class indices."""

    images: Tensor
    labels: list[int]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (C, H, W), a view of `images`, and its class index."""
        return self.images[index], self.labels[index]


@dataclass(frozen=True, eq=False)
class OnDemandImages:
    """Images that are read at each access; their errors stay one line in a DataLoader worker."""

    images: Images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (C, H, W), and its class index.

        Raises:
            UserError: if it cannot be read.
        """
        try:
            return self.images[index]
        except UserError as error:
            raise _LoadingError(str(error)) from error


class _LoadingError(UserError):
    """A `UserError` that leaves a DataLoader worker unchanged.

    Torch raises a worker's exception again: it calls the exception's type with "Caught ... in DataLoader worker process
    0." and a traceback. The message follows the type's name in the last line, and only this part is kept.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text.rstrip().rpartition("\n")[2].rpartition(f"{type(self).__name__}: ")[2])


def in_memory(images: Images, limit_bytes: int, name: str) -> CachedImages | OnDemandImages:
    """Decode or draw every image now, if all of them fit. Drawn ones are kept: `featevo.data.scene_files`.

    Args:
        images: what to hold; at least one, all of one shape.
        limit_bytes: the most that N*C*H*W bytes may be; above it, nothing is cached, and one line is logged.
        name: for the progress bar and the log: "training" or "validation".

    Returns:
        The cached images, in shared memory so that DataLoader workers use the same bytes, or `images` on demand.

    Raises:
        UserError: if images are unreadable: the first three by name, and how many more.
    """
    shape = _shape(images)
    needed = len(images) * shape.numel()
    if needed > limit_bytes:
        log.info(
            f"{len(images)} {name} images need {needed / 1e9:.3g} GB, more than the {limit_bytes / 1e9:.3g} GB "
            "that data.cache_gb leaves: read on demand, in data.num_workers processes"
        )
        return OnDemandImages(images)

    held = torch.empty((len(images), *shape), dtype=torch.uint8)
    with suppress(RuntimeError):  # /dev/shm of a container may be too small; forked workers share ordinary memory, too
        held.share_memory_()
    known = scene_files.read(images) if isinstance(images, Scenes) else None
    if known is not None:
        held.copy_(torch.from_numpy(known["images"]))
        return CachedImages(held, known["labels"].tolist())

    def load(index: int) -> tuple[int, str | None]:
        try:
            held[index], label = images[index]
        except UserError as error:
            return 0, str(error)
        return label, None

    # Reading files releases the GIL. Drawing in Python holds it, so more threads would only slow it down.
    reads_files = isinstance(images, LabelledImages) and isinstance(images.images[0][0], str)
    with ThreadPoolExecutor(os.cpu_count() if reads_files else 1) as pool:
        loaded = list(
            track(
                pool.map(load, range(len(images))),
                description=f"{name} images",
                total=len(images),
                console=Console(stderr=True),
                transient=True,
                disable=not sys.stderr.isatty(),
            )
        )
    _refuse([error for _, error in loaded if error is not None])
    labels = [label for label, _ in loaded]
    if isinstance(images, Scenes):
        scene_files.keep(images, {"images": held.numpy(), "labels": np.array(labels)})
    return CachedImages(held, labels)


def _shape(images: Images) -> torch.Size:
    errors = []
    for index in range(len(images)):
        try:
            image, _ = images[index]
        except UserError as error:
            errors.append(str(error))
            continue
        if image.dtype != torch.uint8 or image.ndim != 3:
            found = f"{str(image.dtype).removeprefix('torch.')} of shape {tuple(image.shape)}"
            raise UserError(f"data.source: images must be uint8 tensors of shape (C, H, W) in 0..255, got {found}")
        return image.shape
    _refuse(errors)
    raise ValueError("no images")


def _refuse(errors: list[str]) -> None:
    if errors:
        more = f" | and {len(errors) - 3} more" if len(errors) > 3 else ""
        count = f"{len(errors)} images: " if len(errors) > 1 else ""
        raise UserError(count + " | ".join(errors[:3]) + more)
