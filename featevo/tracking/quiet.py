"""Hides what Lightning says about devices and products."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("pytorch_lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric")
"""Loggers of Lightning's packages."""


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Hide Lightning's messages about devices and products, unless its debug messages are enabled."""
    loggers = {name: logging.getLogger(name) for name in NAMES}
    levels = {name: logger.level for name, logger in loggers.items()}
    with warnings.catch_warnings():
        # Lightning 2.6 uses a function that PyTorch 2.14 deprecates; the user cannot change it.
        warnings.filterwarnings("ignore", r".*isinstance\(treespec, LeafSpec\)", FutureWarning)
        for name, logger in loggers.items():
            if levels[name] != logging.DEBUG:
                logger.setLevel(logging.WARNING)
        try:
            yield
        finally:
            for name, logger in loggers.items():
                logger.setLevel(levels[name])
