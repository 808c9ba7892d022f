"""Where pictures go when nobody says: beside the files of the trainer's first logger, or into a folder of their own."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytorch_lightning as pl


def default_folder(trainer: pl.Trainer) -> Path:
    """The folder that Lightning's ModelCheckpoint would take; without a logger, a new one under `default_root_dir`.

    Args:
        trainer: Its first logger decides: `save_dir/name/version`. Without one: `featevo_runs/version_N`, N unused.
    """
    root = Path(trainer.default_root_dir)
    if not trainer.loggers:
        return next(path for n in count() if not (path := root / "featevo_runs" / f"version_{n}").exists())
    logger = trainer.loggers[0]
    version = logger.version if isinstance(logger.version, str) else f"version_{logger.version}"
    return Path(logger.save_dir or root, str(logger.name), version)
