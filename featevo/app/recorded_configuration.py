"""The configuration in a run folder, which an earlier version of featevo or somebody else may have written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]

from featevo.app.paths import CONF
from featevo.app.schemas import TrainConfig
from featevo.data.torchvision_source import renamed
from featevo.errors import UserError
from featevo.record.safe import read_yaml

FILE = ".hydra/config.yaml"

REMOVED = ("featevo.measure.recognition.", "featevo.measure.confusion.JudgeConfusion")
"""Measures that earlier versions had, see `featevo.record.withheld`."""


def check_is_there(folder: Path) -> None:
    """Raise `UserError` for a folder without configuration, as that of a script with the callback."""
    if not (folder / FILE).is_file():
        raise UserError(
            f"{folder}: {Path(FILE).name} was looked for in .hydra and not found, so its network cannot be built; "
            "in a script of your own, the callback's measures= and views= do more"
        )


def recorded_configuration(folder: Path, without: Sequence[str] = ()) -> DictConfig:
    """The configuration of a run; what an earlier version did not have gets its default.

    Nothing may be built from it before `featevo.app.trust.check_targets` has allowed it.

    Args:
        folder: The run folder.
        without: Sections to leave out.

    Raises:
        UserError: It is missing or cannot be read.
    """
    path = folder / FILE
    check_is_there(folder)
    measures = OmegaConf.create({"measures": OmegaConf.load(CONF / "measures" / "default.yaml")})
    try:
        found = OmegaConf.create(read_yaml(folder, FILE))
        assert isinstance(found, DictConfig)
        for name in without:
            found.pop(name, None)
        if OmegaConf.is_dict(OmegaConf.select(found, "measures")):
            found.measures.pop("classes", None)
        cfg = OmegaConf.merge(OmegaConf.structured(TrainConfig), measures, found)
        source: Any = OmegaConf.to_container(cfg.data.source, resolve=False)  # `seed: ${seed}` stays as it is
        cfg.data.source = renamed(source)
        terms = cfg.measures.terms
        targets = {name: str(spec.get("_target_")) for name, spec in terms.items() if OmegaConf.is_dict(spec)}
        terms.update({name: None for name, target in targets.items() if target.startswith(REMOVED)})
    except (OmegaConfBaseException, YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from error
    assert isinstance(cfg, DictConfig)
    return cfg
