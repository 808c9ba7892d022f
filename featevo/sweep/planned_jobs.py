"""The jobs that Hydra's basic sweeper will make of a multirun."""

from __future__ import annotations

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from omegaconf import DictConfig

from featevo.app.this_job import multirun_overrides, swept_keys


def planned(config: DictConfig) -> list[tuple[str, ...]]:
    """The overrides that differ between jobs, for each job; `config` is Hydra's, of the whole multirun."""
    overrides = multirun_overrides(config.hydra)
    (batch,) = BasicSweeper.split_arguments(overrides, None)
    several = swept_keys(overrides)
    return [tuple(word for word in job if word.split("=")[0] in several) for job in batch]
