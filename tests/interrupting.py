"""Parts of a run that send a signal to their own process at a chosen moment."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from pytorch_lightning.callbacks import Callback
from torch import Tensor

MOMENT = "signal-sent"
"""A file in the working directory with the time of the signal, in seconds of `time.time()`."""


def send(name: str) -> None:
    """Send a signal to this process, and leave the time for the handler to run before anything else."""
    Path(MOMENT).write_text(str(time.time()))
    os.kill(os.getpid(), signal.Signals[name])
    time.sleep(0.05)


class Interrupt(Callback):
    """Sends a signal, such as SIGKILL, at the `count`-th call of a hook; "init": when it is built."""

    def __init__(self, name: str, hook: str, count: int = 1) -> None:
        self.left = count

        def call(*args: Any, **kwargs: Any) -> None:
            self.left -= 1
            if self.left == 0:
                send(name)

        if hook == "init":
            call()
        else:
            setattr(self, hook, call)


class InterruptedOperator:
    """An operator of a regularizer that sends a signal at its `count`-th call, in the middle of rendering."""

    every = 1

    def __init__(self, name: str, count: int) -> None:
        self.name, self.left = name, count

    def __call__(self, images: Tensor, step: int) -> Tensor:
        self.left -= 1
        if self.left == 0:
            send(self.name)
        return images
