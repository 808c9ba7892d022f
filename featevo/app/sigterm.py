"""SIGTERM ends a run at once, at any moment: while it loads, renders or closes, not only between two batches."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytorch_lightning.utilities.exceptions import SIGTERMException

from featevo.errors import TERMINATED

LIMIT = 4.0
"""Seconds that a run has to record its end; schedulers often kill after five to thirty."""


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Within, SIGTERM raises Lightning's `SIGTERMException`; the process ends within `LIMIT` even if a tracker hangs.

    Lightning's own handler only sets a flag, which it reads between batches; it also calls this one. Nothing changes
    outside the main thread, where Python allows no handler, and in jobs of submitit, which get SIGTERM along with the
    signal after which submitit starts them again.
    """
    if threading.current_thread() is not threading.main_thread() or "SUBMITIT_EXECUTOR" in os.environ:
        yield
        return

    def handle(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the closing
        limit = threading.Timer(LIMIT, os._exit, (TERMINATED,))
        limit.daemon = True
        limit.start()
        raise SIGTERMException

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) != signal.SIG_IGN:
            signal.signal(signal.SIGTERM, before)
