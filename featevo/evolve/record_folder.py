"""The folder of a training's record: never one with the record of another training."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytorch_lightning as pl

from featevo.record.reading import read_evolution
from featevo.record.schema import INDEX


def chosen_folder(trainer: pl.Trainer, folder: Path | None, training: str, continues: bool) -> Path:
    """The folder of a training's record; called on one process.

    Args:
        trainer: Decides if no folder is given, see `default_folders`.
        folder: The given folder; None: the first default folder that has only this training's record, or none.
        training: Id of the training.
        continues: Whether this training has drawn before; then it may have done so with a featevo without ids.

    Raises:
        ValueError: If the given folder holds the record of another training.
    """
    if trainer.fast_dev_run:  # type: ignore[attr-defined]  # nothing is written
        return folder or next(default_folders(trainer))
    own = {training, ""} if continues else {training}
    if folder is not None:
        if not trainings_in(folder) <= own:
            raise ValueError(
                f"folder={folder}: holds the record of another training; choose another folder, "
                "or continue that training with fit(ckpt_path=...) and the same settings of this callback"
            )
        return folder
    if trainer.loggers:
        return next(path for path in default_folders(trainer) if trainings_in(path) <= own)
    for path in default_folders(trainer):
        if training in trainings_in(path):
            return path
        try:
            path.mkdir(parents=True)  # at once: another training may start before the first snapshot of this one
        except FileExistsError:
            continue
        return path
    raise AssertionError("default folders never end")


def default_folders(trainer: pl.Trainer) -> Iterator[Path]:
    """The folder of Lightning's ModelCheckpoint, then new ones beside it, without end.

    Args:
        trainer: Its first logger decides: `save_dir/name/version`, then that with `_2`, `_3`, ... Without a logger:
            `featevo_runs/version_0`, `featevo_runs/version_1`, ... under `default_root_dir`.
    """
    root = Path(trainer.default_root_dir)
    if not trainer.loggers:
        yield from (root / "featevo_runs" / f"version_{number}" for number in count())
    logger = trainer.loggers[0]
    version = logger.version if isinstance(logger.version, str) else f"version_{logger.version}"
    first = Path(logger.save_dir or root, str(logger.name), version)
    yield first
    # Lightning's loggers find their next version as the number after the first underscore.
    yield from (first.with_name(f"{first.name}_{number}") for number in count(2))


def trainings_in(folder: Path) -> set[str]:
    """Ids of the trainings whose snapshots a folder holds; "" for those of a featevo without ids."""
    if not (folder / INDEX).is_file():
        return set()
    return {snapshot.training for snapshot in read_evolution(folder).snapshots}
