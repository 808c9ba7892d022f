"""Several processes of one run end together, and the main one closes the run's books, whichever of them failed."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytorch_lightning as pl
import torch

from featevo.app.job import is_main_process
from featevo.evolve.sharding import RankFailedError
from featevo.record.runfile import interruption, tell_failure

GRACE = 10.0
"""Seconds that a failed process leaves the main one for noticing; a GPU's collectives may wait for ever."""


@contextmanager
def ending_together(trainer: pl.Trainer, folder: Path) -> Iterator[None]:
    """Around a fit: when a process fails, so does the main one, with time to say so in the record.

    Lightning's own way is SIGKILL for all processes within seconds of one's failure, the main one included.

    Args:
        trainer: Of the fit.
        folder: The run folder.

    Raises:
        SystemExit: In place of what another process than the main one raised, which is told by then.
    """
    if is_main_process():
        try:
            yield
        except BaseException:
            for child in getattr(trainer.strategy.launcher, "procs", []):
                child.send_signal(signal.SIGKILL)  # it waits, for this or in a collective
            raise
        finally:
            # Of this list, Lightning's observer waits for a child's failure.
            getattr(trainer.strategy.launcher, "procs", []).clear()
        return
    try:
        yield
    except BaseException as error:
        # What all ranks raised, or an interruption, the main process tells.
        if not isinstance(error.__cause__, RankFailedError) and not interruption(error):
            traceback.print_exc()
            line = " ".join(traceback.format_exception_only(error)[-1].split())
            tell_failure(folder, f"rank {trainer.global_rank}: {line}")
        # Closed connections end the others' waiting for this rank. NCCL's would wait themselves.
        if torch.distributed.is_initialized() and torch.distributed.get_backend() == "gloo":
            torch.distributed.destroy_process_group()
        # Lightning kills the main process when this one ends, which has no time left for its record then.
        time.sleep(GRACE)
        raise SystemExit(1) from error
