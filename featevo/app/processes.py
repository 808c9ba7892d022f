"""All processes of a run end together, and the main process completes the record, whichever of them failed."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytorch_lightning as pl
import torch

from featevo.app.this_job import is_main_process
from featevo.evolve.sharding import RankFailedError
from featevo.record.runfile import interruption, record_failure

GRACE = 10.0
"""Seconds that a failed process waits for the main one to notice; collectives on GPUs may wait forever."""


@contextmanager
def ending_together(trainer: pl.Trainer, folder: Path) -> Iterator[None]:
    """Around a fit: when a process fails, the main one ends with it, and has time to complete the record.

    Lightning kills all processes by SIGKILL within seconds of a failure, the main one included.

    Args:
        trainer: Of the fit.
        folder: The run folder.

    Raises:
        SystemExit: In processes other than the main one, in place of their error, which is recorded before.
    """
    if is_main_process():
        try:
            yield
        except BaseException:
            for child in getattr(trainer.strategy.launcher, "procs", []):
                child.send_signal(signal.SIGKILL)  # it may wait in a collective
            raise
        finally:
            # Lightning's observer watches the processes of this list.
            getattr(trainer.strategy.launcher, "procs", []).clear()
        return
    try:
        yield
    except BaseException as error:
        # An error of all ranks, and an interruption, are recorded by the main process.
        if not isinstance(error.__cause__, RankFailedError) and not interruption(error):
            traceback.print_exc()
            line = " ".join(traceback.format_exception_only(error)[-1].split())
            record_failure(folder, f"rank {trainer.global_rank}: {line}")
        # Closing connections makes the other ranks fail instead of waiting. Closing NCCL's would wait itself.
        if torch.distributed.is_initialized() and torch.distributed.get_backend() == "gloo":
            torch.distributed.destroy_process_group()
        # Lightning kills the main process when this one ends; before that it needs time for its record.
        time.sleep(GRACE)
        raise SystemExit(1) from error
