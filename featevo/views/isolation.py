"""Restores the random streams and backend flags of training."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch


@contextmanager
def isolated() -> Iterator[None]:
    """Restore all global random streams and cuDNN flags at the end, also after an exception.

    featevo uses its own generators; this is for random numbers that a user's model or operator draws. (Lightning's
    `isolate_rng` does not restore after an exception; `torch.random.fork_rng` covers torch alone.)
    """
    cudnn = torch.backends.cudnn
    with ExitStack() as restore:
        restore.callback(random.setstate, random.getstate())
        restore.callback(np.random.set_state, np.random.get_state())
        restore.callback(torch.set_rng_state, torch.get_rng_state())
        if torch.cuda.is_initialized():  # reading the state of an unused GPU would initialise it
            restore.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
        if torch.backends.mps.is_available():
            restore.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())
        for flag in ("enabled", "benchmark", "deterministic"):
            restore.callback(setattr, cudnn, flag, getattr(cudnn, flag))
        warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
        restore.callback(
            torch.use_deterministic_algorithms, torch.are_deterministic_algorithms_enabled(), warn_only=warn_only
        )
        yield
