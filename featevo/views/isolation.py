"""Keep everything outside the model as training left it: random streams and backend flags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def isolated() -> Iterator[None]:
    """Restore all global random streams and cuDNN flags on leaving, also after an exception.

    featevo's own randomness comes from generators of its own; this covers what a user's model or operator draws.
    (Lightning's `isolate_rng` does not restore after an exception, `torch.random.fork_rng` covers torch alone.)
    """
    python_state, numpy_state, torch_state = random.getstate(), np.random.get_state(), torch.get_rng_state()
    # Asking an idle GPU for its state would set it up first.
    cuda_states = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    mps_state = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    cudnn = torch.backends.cudnn
    flags = (cudnn.enabled, cudnn.benchmark, cudnn.deterministic)
    algorithms = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
        if cuda_states:
            torch.cuda.set_rng_state_all(cuda_states)
        if mps_state is not None:
            torch.mps.set_rng_state(mps_state)
        cudnn.enabled, cudnn.benchmark, cudnn.deterministic = flags
        torch.use_deterministic_algorithms(algorithms[0], warn_only=algorithms[1])
