"""The settings that a later rendering or evaluation may change in the configuration of a run, given as overrides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from featevo.app.exit import explain
from featevo.app.paths import CONF
from featevo.errors import UserError

OF_RENDERS = ("evolution", "regularizer", "data.root", "data.image_size", "data.num_workers", "data.cache_gb")
"""Keys of a rendering, with those below them; others would make it another network or other data."""


def with_overrides(cfg: DictConfig, words: Sequence[str], allowed: Sequence[str] = OF_RENDERS) -> DictConfig:
    """A configuration with overrides such as `evolution.steps=256 regularizer=mahendran`.

    Args:
        cfg: Of a run; it stays as it is.
        words: KEY=VALUE, and GROUP=CHOICE for the regularizer.
        allowed: Keys that may change, with those below them; `data.KEY` stands for all below `data`.

    Raises:
        UserError: For a key that is not allowed or does not exist, or a value that cannot be read.
    """
    changed = cfg.copy()
    for word in words:
        override = _parsed(word)
        key = override.key_or_group
        if not any(key == name or key.startswith(f"{name.removesuffix('.KEY')}.") for name in allowed):
            raise UserError(f"{word}: the rest is as it was trained; only {', '.join(allowed)} may change")
        if override.is_delete() or override.is_sweep_override():
            raise UserError(f"{word}: give one value")
        value: Any = override.value()
        try:
            if key == "regularizer":
                value = composed(f"regularizer={value}").regularizer
            OmegaConf.update(changed, key, value, merge=False, force_add=key.startswith("regularizer."))
        except (OmegaConfBaseException, TypeError, ValueError) as error:
            raise UserError(f"{word}: {explain(error)}") from error
    return changed


def composed(*words: str) -> DictConfig:
    """The configuration of `python -m featevo.train` with overrides.

    Raises:
        UserError: When it cannot be composed.
    """
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return compose("train", list(words))
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(explain(error)) from error


def _parsed(word: str) -> Override:
    try:
        (override,) = OverridesParser.create().parse_overrides([word])
    except HydraException as error:
        raise UserError(f"{word}: {explain(error).partition(' See https')[0]}") from error
    return override
