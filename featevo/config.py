"""Typed schemas of `conf/`: a wrong name or type fails when the configuration is composed, before anything runs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Any, Dict, List, Optional  # noqa: UP035 (OmegaConf reads these at run time on Python 3.10)

import pytorch_lightning as pl
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from featevo.evolve.record import slug


class Kind(str, Enum):
    """When to draw; see `featevo.evolve.trigger`."""

    improvement = "improvement"
    every_epoch = "every_epoch"
    every_n = "every_n"


class Mode(str, Enum):
    """Which values of the monitored metric are better."""

    max = "max"
    min = "min"


class OnError(str, Enum):
    """What a failing render does to training."""

    # "raise" is a keyword, so members are named by their values below.
    continue_ = "continue"
    raise_ = "raise"


@dataclass
class InitConfig:
    """Where the weights come from; see `featevo.model.init`."""

    name: str = MISSING
    scheme: str = MISSING
    weights: Optional[str] = None  # noqa: UP045
    strict: bool = True
    freeze: Any = None  # a name or a list of names


@dataclass
class DataConfig:
    """What the network sees; `source` names a class by `_target_`."""

    name: str = MISSING
    root: Optional[str] = None  # noqa: UP045
    num_classes: Optional[int] = None  # noqa: UP045
    classes: Optional[List[str]] = None  # noqa: UP006, UP045
    image_size: int = MISSING
    channels: int = 3
    val_size: Any = None
    batch_size: int = MISSING
    num_workers: int = 0
    cache_gb: float = 2.0
    mean: List[float] = MISSING  # noqa: UP006
    std: List[float] = MISSING  # noqa: UP006
    source: Dict[str, Any] = MISSING  # noqa: UP006


@dataclass
class EvolutionConfig:
    """When and how features are drawn; see `featevo.evolve.callback`."""

    enabled: bool = True
    trigger: Kind = Kind.improvement
    every_n: int = 1
    before_training: bool = False
    last_epoch: bool = True
    monitor: str = "val_acc"
    mode: Mode = Mode.max
    min_delta: float = 0.0
    steps: int = 128
    step_size: float = 0.06
    seed: int = 0
    chunk_size: Optional[int] = None  # noqa: UP045
    save_weights: bool = True
    on_error: str = "continue"


@dataclass
class LoggerConfig:
    """Who is told besides the record; `tracker` makes a Lightning logger, null: nobody."""

    name: str = MISSING
    tracker: Optional[Dict[str, Any]] = None  # noqa: UP006, UP045


# Every argument of the installed Lightning's Trainer is a key, with Lightning's own default.
TrainerConfig = make_dataclass(
    "TrainerConfig",
    [
        (name, Any, field(default=parameter.default))
        for name, parameter in inspect.signature(pl.Trainer.__init__).parameters.items()
        if name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ],
)


@dataclass
class TrainConfig:
    """The whole of `conf/train.yaml`."""

    name: str = MISSING
    seed: int = 0
    model: Dict[str, Any] = MISSING  # noqa: UP006
    init: InitConfig = field(default_factory=InitConfig)
    data: DataConfig = field(default_factory=DataConfig)
    optimizer: Dict[str, Any] = MISSING  # noqa: UP006
    evolution: EvolutionConfig = field(default_factory=EvolutionConfig)
    regularizer: Dict[str, Any] = MISSING  # noqa: UP006
    trainer: TrainerConfig = field(default_factory=TrainerConfig)  # type: ignore[valid-type]
    logger: LoggerConfig = field(default_factory=LoggerConfig)


def register() -> None:
    """Make the schemas known to Hydra, and the resolver that turns overrides into a folder's name."""
    ConfigStore.instance().store(name="train_schema", node=TrainConfig)
    OmegaConf.register_new_resolver("featevo.slug", slug, replace=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain Python values, all interpolations resolved: what trackers and hashes take."""
    content = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}
