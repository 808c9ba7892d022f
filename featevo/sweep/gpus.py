"""GPUs given out one each to jobs that run at once; a lock file per GPU, free again however a job ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, as `CUDA_VISIBLE_DEVICES` names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name for name in named.split(",") if name]
    return [str(index) for index in range(torch.cuda.device_count())]


@contextmanager
def own_gpu(folder: Path, gpus: Sequence[str]) -> Iterator[dict[str, str]]:
    """Within: one GPU that no other job of this multirun has; waits until one is free.

    Args:
        folder: Of the multirun, where the lock files are.
        gpus: As `visible_gpus` names them; with fewer than two there is nothing to share out.

    Yields:
        What to add to the job's environment.
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
