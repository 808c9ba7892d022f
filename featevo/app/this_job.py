"""The present job: its folder, overrides, multirun and process. Without Hydra, as a command would have them."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK")
"""Variables of the environment that have the number of this process; the first one counts, as for Lightning."""

LONGEST = 100
"""Most characters of a folder's name that come from overrides."""


def is_main_process() -> bool:
    """Whether this process does what is done once per run: folder, record, trackers, messages.

    Known before there is a trainer, from the environment variables of Lightning's launcher, torchrun or SLURM.
    """
    # The first process of a later node may have none of Lightning's own variables.
    first_node = "RANK" in os.environ or os.environ.get("NODE_RANK", "0") == "0"
    return first_node and next((int(os.environ[name]) for name in RANKS if name in os.environ), 0) == 0


def has_own_process() -> bool:
    """Whether featevo itself started this job's process, as for all launchers but submitit's."""
    return HydraConfig.initialized() and "submitit" not in HydraConfig.get().launcher._target_


def has_company() -> bool:
    """Whether other jobs of the same multirun may run at the same time, on the same terminal."""
    return multirun_folder() is not None and "BasicLauncher" not in HydraConfig.get().launcher._target_


def overrides() -> list[str]:
    """The command's overrides, none where there is no command."""
    return list(HydraConfig.get().overrides.task) if HydraConfig.initialized() else []


def requeued() -> bool:
    """Whether Slurm has started this command again, after a preemption for example."""
    return os.environ.get("SLURM_RESTART_COUNT", "0") not in ("", "0")


def overridden() -> list[str]:
    """The keys and groups that the command's overrides set."""
    return [str(override.key_or_group) for override in _parsed(overrides())]


def multirun_folder() -> Path | None:
    """The folder of the multirun that this job belongs to, or None."""
    if not HydraConfig.initialized() or HydraConfig.get().mode != RunMode.MULTIRUN:
        return None
    return Path(HydraConfig.get().sweep.dir)


def run_folder(cfg: DictConfig) -> Path:
    """Hydra's output folder; without Hydra, a new folder of the same form."""
    if HydraConfig.initialized():
        return Path(HydraConfig.get().runtime.output_dir)
    first = Path(datetime.now().strftime("outputs/%Y-%m-%d/%H-%M-%S-") + cfg.name)
    if not is_main_process():  # it has made the folder
        return first
    for number in itertools.count(1):
        folder = first if number == 1 else first.with_name(f"{first.name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:  # another call in the same second
            continue
        break
    return folder


def swept(overrides: Sequence[str], sweep_dir: str) -> str:
    """A job's own overrides within a multirun, as part of a folder's name: `init-pretrained-seed-1`.

    Args:
        overrides: The job's, all with one value.
        sweep_dir: The multirun's folder, where Hydra keeps the command and the sweeper's parameters.
    """
    path = Path(sweep_dir) / "multirun.yaml"
    keys = swept_keys(multirun_overrides(OmegaConf.load(path).hydra)) if path.is_file() else set()
    chosen = [given.input_line or "" for given in _parsed(overrides) if given.get_key_element() in keys]
    name = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(chosen or overrides)).strip("-.")
    return name[:LONGEST].strip("-.") or "job"


def multirun_overrides(hydra: DictConfig) -> list[Override]:
    """All overrides of a multirun: the sweeper's parameters, then the command's, which take precedence."""
    # Unresolved: `${hydra:...}` in them can be resolved only in the jobs.
    parameters: Any = OmegaConf.to_container(OmegaConf.select(hydra, "sweeper.params") or OmegaConf.create({}))
    given: Any = OmegaConf.to_container(hydra.overrides.task)
    return _parsed([*(f"{key}={value}" for key, value in parameters.items()), *given])


def swept_keys(overrides: Sequence[Override]) -> set[str]:
    """The keys with several values."""
    return {override.get_key_element() for override in overrides if override.is_sweep_override()}


def _parsed(overrides: Sequence[str]) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(overrides))
