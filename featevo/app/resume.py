"""`resume=RUN_FOLDER`: continue a run from its last checkpoint, with its own configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from featevo.app.paths import CONF
from featevo.app.recorded_configuration import FILE, recorded_configuration
from featevo.app.this_job import is_main_process, overridden, requeued
from featevo.app.trust import check_targets
from featevo.errors import UserError
from featevo.record.jobs import FINISHED, RUNNING, status_of
from featevo.record.reading import read_curve, read_run
from featevo.record.safe import check_links
from featevo.record.schema import CHECKPOINTS, LAST

LENGTH = ("trainer.max_epochs", "trainer.max_steps", "trainer.max_time")
"""Keys that let a finished run go on."""

PLACE = ("trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.strategy", "trainer.default_root_dir")
SHOWN = ("trainer.callbacks", "trainer.logger", "trainer.log_every_n_steps", "trainer.enable_progress_bar", "logger")
DATA = ("data.root", "data.num_workers", "data.cache_gb")

MAY_CHANGE = (*LENGTH, *PLACE, *SHOWN, *DATA)
"""Keys, with those below them, that a resumed run may have otherwise than before; others make it another training."""

OF_THE_COMMAND = ("resume", "trust", "force")
"""Keys that say how to resume; they are no part of the run's configuration."""


@dataclass(frozen=True)
class Earlier:
    """The part of a run until its interruption.

    Attributes:
        cfg: The configuration to continue with.
        run: Content of its `run.json`.
        checkpoint: The state of training at the end of its last complete epoch; None: no epoch was completed.
        is_over: Whether it has finished and nothing says that it should go on.
    """

    cfg: DictConfig
    run: dict[str, Any]
    checkpoint: Path | None
    is_over: bool


def earlier_part(cfg: DictConfig) -> Earlier | None:
    """What `cfg.resume` names, or None where it is null.

    Args:
        cfg: A configuration with `resume`, `trust` and `force`. What it changes in the run's own configuration, see
            `MAY_CHANGE`: with Hydra, the command's overrides; without, what differs from the default configuration.

    Raises:
        UserError: There is no run, it still runs, it cannot be continued, something else would be changed, or training
            would end before what is done.
    """
    if cfg.resume is None:
        return None
    folder = Path(cfg.resume)
    run = read_run(folder)
    if not run:
        raise UserError(f"resume={folder}: is not a run folder; run.json was looked for there and not found")
    if not cfg.trust:
        check_links(folder)
    status, _ = status_of(run)
    # For further processes, the main one is what runs by now.
    if status == RUNNING and not (cfg.force or requeued()) and is_main_process():
        where = f"process {run.get('process')} on {run.get('host')}"
        raise UserError(
            f"resume={folder}: this run is recorded as running ({where}); wait for it or stop it, "
            "or resume with force=true if that process is gone"
        )
    if not (folder / FILE).is_file():
        raise UserError(
            f"resume={folder}: {FILE} was looked for there and not found; "
            "training by a script of your own goes on with that script: trainer.fit(..., ckpt_path=CHECKPOINT)"
        )
    own = recorded_configuration(folder)
    longer = _change(own, cfg)
    _check_length(own, folder)
    check_targets(own, str(folder / FILE), cfg.trust)
    checkpoint = folder / CHECKPOINTS / LAST
    is_over = status == FINISHED and not longer
    return Earlier(own, run, checkpoint if checkpoint.is_file() else None, is_over)


def _change(own: DictConfig, cfg: DictConfig) -> bool:
    """Put what `cfg` changes into the run's own configuration; returns whether it may run longer."""
    given = overridden() if HydraConfig.initialized() else list(_different(cfg, _default()))
    changed = [key for name in given if name not in OF_THE_COMMAND for key in _changed(name, cfg, own)]
    for key in changed:
        if not any(key == allowed or key.startswith(f"{allowed}.") for allowed in MAY_CHANGE):
            raise UserError(
                f"resume={cfg.resume}: {key} would make it another training; "
                f"only {', '.join(MAY_CHANGE)} may be changed"
            )
        OmegaConf.update(own, key, OmegaConf.select(cfg, key))
    return any(key in LENGTH for key in changed)


def _check_length(own: DictConfig, folder: Path) -> None:
    """Lightning refuses such a number too late: when the record has been cut back to the checkpoint."""
    rows = read_curve(folder, "step")
    if not rows:
        return
    for key, done in zip(("max_epochs", "max_steps"), rows[-1], strict=True):
        most = OmegaConf.select(own, f"trainer.{key}")
        if isinstance(most, int) and 0 <= most < done:
            raise UserError(
                f"resume={folder}: trainer.{key}={most}: {done:.0f} are done; a larger number lets the run go on"
            )


def _changed(key: str, cfg: DictConfig, own: DictConfig) -> list[str]:
    """The keys at or below one whose values differ; a section that may be changed is taken as a whole."""
    new, old = OmegaConf.select(cfg, key), OmegaConf.select(own, key)
    if _plain(new) == _plain(old):
        return []
    if key in MAY_CHANGE or not (isinstance(new, DictConfig) and isinstance(old, DictConfig)):
        return [key]
    return list(_different(new, old, f"{key}."))


def _plain(value: Any) -> Any:
    # Names of a choice are members of an enumeration in a composed configuration, text in one that was read.
    if OmegaConf.is_config(value):
        return OmegaConf.to_container(value, resolve=True, enum_to_str=True)
    return value.name if isinstance(value, Enum) else value


def _default() -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train")


def _different(one: DictConfig, other: DictConfig, above: str = "") -> Iterator[str]:
    """The keys whose values differ, of the lowest level."""
    for name in map(str, one):
        key = f"{above}{name}"
        value, default = OmegaConf.select(one, name), OmegaConf.select(other, name)
        if isinstance(value, DictConfig) and isinstance(default, DictConfig):
            yield from _different(value, default, f"{key}.")
        elif _plain(value) != _plain(default):
            yield key
