"""Global random streams and backend flags are restored after any change inside."""

import random

import numpy as np
import pytest
import torch

from featevo.views.isolation import isolated


def state():
    cudnn = torch.backends.cudnn
    return (
        random.getstate(),
        str(np.random.get_state()),
        torch.get_rng_state().tolist(),
        (cudnn.enabled, cudnn.benchmark, cudnn.deterministic),
        torch.are_deterministic_algorithms_enabled(),
    )


def disturb():
    random.random(), np.random.rand(3), torch.rand(3)
    torch.backends.cudnn.benchmark = not torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(not torch.are_deterministic_algorithms_enabled())


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_everything_is_restored(error):
    before = state()

    def body():
        with isolated():
            disturb()
            assert state() != before
            if error:
                raise error

    if error:
        with pytest.raises(error):
            body()
    else:
        body()
    assert state() == before
