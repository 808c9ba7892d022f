"""Typed schemas of `conf/`: a wrong name or type fails when the configuration is composed, before anything runs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Dict, List, Optional, get_type_hints  # noqa: UP035 (read by OmegaConf on Python 3.10)

import pytorch_lightning as pl
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from featevo.app.exit import OUTCOME
from featevo.app.this_job import swept
from featevo.evolve.callback import ON_ERROR, FeatureEvolutionCallback
from featevo.evolve.trigger import KINDS, MODES
from featevo.model.init import initialise
from featevo.views.classes import LAST, OBJECTIVES
from featevo.visualize.parameterizations.start import STARTS
from featevo.visualize.settings import AscentSettings


def _fields(
    configured: Callable[..., Any],
    without: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[tuple[str, Any, Any]]:
    """The parameters of a callable as fields of a schema: names, types and defaults stand in its signature alone.

    Args:
        configured: What a section of `conf/` configures.
        without: Parameters that are no keys, because the code gives them.
        choices: Of parameters that take one of a few names: these names.
    """
    hints, found = get_type_hints(configured), []
    for name, parameter in inspect.signature(configured).parameters.items():
        if name in ("self", *without):
            continue
        default = MISSING if parameter.default is parameter.empty else parameter.default
        if name in choices:
            names: Any = Enum(name, {choice: choice for choice in choices[name]})  # type: ignore[misc]
            found.append((name, names, names[default]))
        else:
            found.append((name, _PLAIN.get(hints[name], Any), default))
    return found


# The types that OmegaConf checks; it supports no sequences, and no unions written with |.
_PLAIN: dict[Any, Any] = {kind: kind for kind in (bool, int, float, str)}
_PLAIN |= {kind | None: Optional[kind] for kind in (bool, int, float, str)}  # noqa: UP045

InitConfig = make_dataclass(
    "InitConfig",
    [
        *_fields(initialise, without=("net", "origin")),
        ("mean", Optional[List[float]], None),  # noqa: UP006, UP045
        ("std", Optional[List[float]], None),  # noqa: UP006, UP045
    ],
)
# Parameters of the callback that the code gives.
_BUILT = {"classes", "image_size", "channels", "mean", "std", "regularizer", "examples", "folder", "config"}
_BUILT |= {"measuring", "real"}

EvolutionConfig = make_dataclass(
    "EvolutionConfig",
    [
        ("enabled", bool, True),
        *_fields(
            FeatureEvolutionCallback.__init__,
            without=_BUILT,
            choices={
                "trigger": KINDS,
                "mode": MODES,
                "on_error": ON_ERROR,
                "objective": tuple(OBJECTIVES),
                "start": (*STARTS, LAST),
            },
        ),
    ],
)


@dataclass
class DataConfig:
    """The data; `source` names a class by `_target_`, `conf/data_base.yaml` has the values."""

    name: str = MISSING
    root: Optional[str] = None  # noqa: UP045
    num_classes: Optional[int] = None  # noqa: UP045
    classes: Optional[List[str]] = None  # noqa: UP006, UP045
    image_size: int = MISSING
    channels: int = 3  # older records do not have it
    val_size: Any = None
    batch_size: int = MISSING
    num_workers: int = MISSING
    cache_gb: float = MISSING
    mean: List[float] = MISSING  # noqa: UP006
    std: List[float] = MISSING  # noqa: UP006
    source: Optional[Dict[str, Any]] = MISSING  # noqa: UP006, UP045


@dataclass
class MeasuresConfig:
    """The measures of each snapshot; see `featevo.measure.measuring`."""

    enabled: bool = True
    judge: Optional[str] = None  # noqa: UP045
    layer: str = "conv4_3"
    seeds: int = 0
    pictures: int = 16
    terms: Dict[str, Any] = field(default_factory=dict)  # noqa: UP006


@dataclass
class LoggerConfig:
    """The tracker of a run; `tracker` makes a Lightning logger, null: none."""

    name: str = MISSING
    tracker: Any = None  # null or a dictionary; typed as one, OmegaConf could not put it in the place of null


# Every argument of the installed Lightning's Trainer is a key, with Lightning's own default.
TrainerConfig = make_dataclass(
    "TrainerConfig",
    [
        (name, Any, parameter.default)
        for name, parameter in inspect.signature(pl.Trainer.__init__).parameters.items()
        if name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ],
)
# The console has messages alone; the file also has times and what is logged to `OUTCOME`, such as the traceback of a
# failure, which is printed anyway.
JOB_LOGGING = {
    "version": 1,
    "formatters": {
        "simple": {"format": "%(message)s"},
        "detailed": {"format": "[%(asctime)s][%(levelname)s] %(message)s"},
    },
    "handlers": {
        "console": {"class": "featevo.app.console.ConsoleHandler", "formatter": "simple"},
        "file": {
            "class": "featevo.app.console.LogFile",
            "formatter": "detailed",
            "filename": "${hydra.runtime.output_dir}/${hydra.job.name}.log",
            "encoding": "utf-8",
        },
    },
    "root": {"level": "INFO", "handlers": ["console", "file"]},
    "loggers": {OUTCOME: {"level": "INFO", "handlers": ["file"], "propagate": False}},
    "disable_existing_loggers": False,
}


@dataclass
class NetworkConfig:
    """What training and the gallery share: a network, its initial weights and its data."""

    name: str = MISSING
    seed: int = MISSING
    model: Dict[str, Any] = MISSING  # noqa: UP006
    init: InitConfig = field(default_factory=InitConfig)  # type: ignore[valid-type]
    data: DataConfig = field(default_factory=DataConfig)


@dataclass
class TrainConfig(NetworkConfig):
    """The whole of `conf/train.yaml`."""

    optimizer: Dict[str, Any] = MISSING  # noqa: UP006
    robustness: Dict[str, Any] = field(default_factory=dict)  # noqa: UP006 # older records do not have it
    evolution: EvolutionConfig = field(default_factory=EvolutionConfig)  # type: ignore[valid-type]
    measures: MeasuresConfig = field(default_factory=MeasuresConfig)
    regularizer: Dict[str, Any] = MISSING  # noqa: UP006
    trainer: TrainerConfig = field(default_factory=TrainerConfig)  # type: ignore[valid-type]
    logger: LoggerConfig = field(default_factory=LoggerConfig)
    resume: Optional[str] = None  # noqa: UP045
    trust: bool = False
    force: bool = False


@dataclass
class GalleryConfig(NetworkConfig):
    """The whole of `conf/gallery.yaml`."""

    layers: Optional[List[str]] = None  # noqa: UP006, UP045
    units: List[Any] = MISSING  # noqa: UP006
    regularizers: List[str] = MISSING  # noqa: UP006
    steps: int = AscentSettings.steps
    step_size: Optional[float] = None  # noqa: UP045
    accelerator: str = MISSING


def register() -> None:
    """Register with Hydra: schemas, logging, resolvers for a multirun's folders and for products."""
    store = ConfigStore.instance()
    store.store(name="train_schema", node=TrainConfig)
    store.store(name="gallery_schema", node=GalleryConfig)
    store.store(group="hydra/job_logging", name="featevo", node=JOB_LOGGING)
    OmegaConf.register_new_resolver("featevo.swept", swept, replace=True)
    OmegaConf.register_new_resolver("featevo.run_folder", lambda resume, new: resume or new, replace=True)
    OmegaConf.register_new_resolver("featevo.times", lambda *numbers: math.prod(numbers), replace=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain Python values, interpolations resolved."""
    content = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}
