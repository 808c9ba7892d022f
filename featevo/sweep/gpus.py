"""One GPU for each job that runs at the same time: a lock file per GPU, which the system releases when a job ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, in the form of `CUDA_VISIBLE_DEVICES`."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name for name in visible.split(",") if name]
    import torch  # here, as most multiruns need it in their jobs alone

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
    place = folder if _has_locks(folder) else _of_this_machine(folder)
    while True:
        for number, name in enumerate(gpus):
            with (place / f".gpu-{number}").open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield {"CUDA_VISIBLE_DEVICES": name}
                return
        time.sleep(1)


def _has_locks(folder: Path) -> bool:
    """Whether files can be locked there; on some network file systems they cannot."""
    with (folder / ".gpu-locks").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _of_this_machine(folder: Path) -> Path:
    """A folder for the lock files of a multirun on this machine, where all jobs run that use its GPUs."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    place = Path(tempfile.gettempdir(), f"featevo-gpus-{os.getuid()}-{digest}")
    place.mkdir(exist_ok=True)
    return place
