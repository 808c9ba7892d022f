"""Which jobs a multirun will have, as Hydra's own sweeper would make them."""

from __future__ import annotations

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from omegaconf import DictConfig

from featevo.app.job import multirun_overrides, swept_keys


def planned(config: DictConfig) -> list[tuple[str, ...]]:
    """What differs in each job of Hydra's basic sweeper: only the overrides of which a command gives several values.

    Args:
        config: Hydra's, of the whole multirun.
    """
    overrides = multirun_overrides(config.hydra)
    (batch,) = BasicSweeper.split_arguments(overrides, None)
    several = swept_keys(overrides)
    return [tuple(word for word in job if word.split("=")[0] in several) for job in batch]
