"""All pictures of a set in memory, decoded or drawn once.

Eagerly, before training starts: every unreadable file is then known before the first step and named together with the
others, and neither decoding nor drawing is ever part of the training loop, whose timing stays the network's own.
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from featevo.data.picture_files import PictureFiles
from featevo.data.source import Pictures
from featevo.errors import UserError

log = logging.getLogger(__name__)


class CachedPictures:
    """Pictures held in one uint8 tensor (N, C, H, W); `images` and `labels` may be read directly."""

    def __init__(self, images: Tensor, labels: list[int]) -> None:
        self.images = images
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (C, H, W), a view of `images`, and its class index."""
        return self.images[index], self.labels[index]


class OnDemandPictures:
    """Pictures read each time they are asked for, whose errors stay one line in a DataLoader worker."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (C, H, W), and its class index.

        Raises:
            UserError: if it cannot be read.
        """
        try:
            return self._pictures[index]
        except UserError as error:
            raise _LoadingError(str(error)) from error


class _LoadingError(UserError):
    """A `UserError` that comes out of a DataLoader worker as it went in.

    Torch raises a worker's exception again by calling its type with "Caught ... in DataLoader worker process 0." and a
    whole traceback. The last line of a traceback is the message, so only what follows the name there is kept.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text.rstrip().rpartition("\n")[2].rpartition(f"{type(self).__name__}: ")[2])


def in_memory(pictures: Pictures, limit_bytes: int, name: str) -> CachedPictures | OnDemandPictures:
    """Decode or draw every picture now, if all of them fit.

    Args:
        pictures: what to hold; at least one, all of one shape.
        limit_bytes: the most that N*C*H*W bytes may be; beyond it nothing is cached and one log line says so.
        name: what these are, for the progress bar and the log: "training" or "validation".

    Returns:
        The cached pictures, in shared memory so that DataLoader workers use the same bytes, or `pictures` on demand.

    Raises:
        UserError: naming the first three unreadable pictures and counting the rest.
    """
    shape = _shape(pictures)
    needed = len(pictures) * shape.numel()
    if needed > limit_bytes:
        log.info(
            f"{len(pictures)} {name} pictures need {needed / 1e9:.3g} GB, more than the {limit_bytes / 1e9:.3g} GB "
            "that data.cache_gb leaves: read on demand, in data.num_workers processes"
        )
        return OnDemandPictures(pictures)

    images = torch.empty((len(pictures), *shape), dtype=torch.uint8)
    with suppress(RuntimeError):  # a container's small /dev/shm: ordinary memory serves, forked workers share that too
        images.share_memory_()

    def load(index: int) -> tuple[int, str | None]:
        try:
            image, label = pictures[index]
        except UserError as error:
            return 0, str(error)
        images[index] = image
        return label, None

    # Reading files releases the GIL. Drawing in Python holds it, and more threads only get in each other's way.
    with ThreadPoolExecutor(os.cpu_count() if isinstance(pictures, PictureFiles) else 1) as pool:
        loaded = list(
            track(
                pool.map(load, range(len(pictures))),
                description=f"{name} pictures",
                total=len(pictures),
                console=Console(stderr=True),
                transient=True,
                disable=not sys.stderr.isatty(),
            )
        )
    _refuse([error for _, error in loaded if error is not None])
    return CachedPictures(images, [label for label, _ in loaded])


def _shape(pictures: Pictures) -> torch.Size:
    errors = []
    for index in range(len(pictures)):
        try:
            image, _ = pictures[index]
        except UserError as error:
            errors.append(str(error))
            continue
        if image.dtype != torch.uint8 or image.ndim != 3:
            found = f"{str(image.dtype).removeprefix('torch.')} of shape {tuple(image.shape)}"
            raise UserError(f"data.source: pictures must be uint8 tensors of shape (C, H, W) in 0..255, got {found}")
        return image.shape
    _refuse(errors)
    raise ValueError("no pictures")


def _refuse(errors: list[str]) -> None:
    if errors:
        more = f" | and {len(errors) - 3} more" if len(errors) > 3 else ""
        count = f"{len(errors)} pictures: " if len(errors) > 1 else ""
        raise UserError(count + " | ".join(errors[:3]) + more)
