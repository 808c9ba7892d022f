"""One GPU for each job that runs at the same time: a lock file per GPU, which the system releases when a job ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, in the form of `CUDA_VISIBLE_DEVICES`."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.split(",") if name]
    return [str(index) for index in range(torch.cuda.device_count())]


@contextmanager
def own_gpu(folder: Path, gpus: Sequence[str]) -> Iterator[dict[str, str]]:
    """Reserve a GPU that no other job of this multirun uses; waits until one is free.

    Args:
        folder: The multirun's folder, for the lock files.
        gpus: Names from `visible_gpus`; fewer than two are not reserved.

    Yields:
        Variables to add to the job's environment.
    """
    if len(gpus) < 2:
        yield {}
        return
    while True:
        for number, name in enumerate(gpus):
            with (folder / f".gpu-{number}").open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield {"CUDA_VISIBLE_DEVICES": name}
                return
        time.sleep(1)
