"""Typed schemas of `conf/`: a wrong name or type fails when the configuration is composed, before anything runs."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Any, Dict, List, Optional  # noqa: UP035 (OmegaConf reads these at run time on Python 3.10)

import pytorch_lightning as pl
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from featevo.app.exit import OUTCOME
from featevo.app.job import swept


class Kind(str, Enum):
    """When to draw; see `featevo.evolve.trigger`."""

    improvement = "improvement"
    every_epoch = "every_epoch"
    every_n = "every_n"


class Mode(str, Enum):
    """Which values of the monitored metric are better."""

    max = "max"
    min = "min"


class Goal(str, Enum):
    """What is maximised; see `featevo.visualize.objectives`."""

    logit = "logit"
    log_probability = "log_probability"


class Start(str, Enum):
    """Where renders start; see `featevo.visualize.start`."""

    noise = "noise"
    mean = "mean"
    last = "last"


# What a failing render does to training; "raise" is a keyword, which a class body cannot have as a name.
OnError = Enum("OnError", {"continue": "continue", "raise": "raise"})


@dataclass
class InitConfig:
    """Where the weights come from; see `featevo.model.init`."""

    name: str = MISSING
    scheme: str = MISSING
    weights: Optional[str] = None  # noqa: UP045
    strict: bool = True
    freeze: Any = None  # a name or a list of names
    mean: Optional[List[float]] = None  # noqa: UP006, UP045
    std: Optional[List[float]] = None  # noqa: UP006, UP045


@dataclass
class DataConfig:
    """What the network sees; `source` names a class by `_target_`, `conf/data_base.yaml` has the values."""

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
    step_size: Optional[float] = None  # noqa: UP045
    seed: int = 0
    objective: Goal = Goal.logit
    start: Start = Start.noise
    chunk_size: Optional[int] = None  # noqa: UP045
    save_weights: bool = True
    on_error: OnError = OnError["continue"]


@dataclass
class MeasuresConfig:
    """What is measured of each snapshot; see `featevo.measure.measuring`."""

    enabled: bool = True
    judge: Optional[str] = None  # noqa: UP045
    layer: str = "conv4_3"
    seeds: int = 0
    pictures: int = 16
    classes: Optional[int] = None  # noqa: UP045
    terms: Dict[str, Any] = field(default_factory=dict)  # noqa: UP006


@dataclass
class LoggerConfig:
    """Who is told besides the record; `tracker` makes a Lightning logger, null: nobody."""

    name: str = MISSING
    tracker: Any = None  # null or a dictionary; typed as one, OmegaConf could not put it in the place of null


# Every argument of the installed Lightning's Trainer is a key, with Lightning's own default.
TrainerConfig = make_dataclass(
    "TrainerConfig",
    [
        (name, Any, field(default=parameter.default))
        for name, parameter in inspect.signature(pl.Trainer.__init__).parameters.items()
        if name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ],
)
# The console stays bare; the file says when, and alone has what is logged to `OUTCOME`, such as a failure's traceback,
# which the console shows anyway.
JOB_LOGGING = {
    "version": 1,
    "formatters": {
        "simple": {"format": "%(message)s"},
        "detailed": {"format": "[%(asctime)s][%(levelname)s] %(message)s"},
    },
    "handlers": {
        "console": {"class": "featevo.app.console.ConsoleHandler", "formatter": "simple"},
        "file": {
            "class": "logging.FileHandler",
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
class TrainConfig:
    """The whole of `conf/train.yaml`."""

    name: str = MISSING
    seed: int = 0
    model: Dict[str, Any] = MISSING  # noqa: UP006
    init: InitConfig = field(default_factory=InitConfig)
    data: DataConfig = field(default_factory=DataConfig)
    optimizer: Dict[str, Any] = MISSING  # noqa: UP006
    evolution: EvolutionConfig = field(default_factory=EvolutionConfig)
    measures: MeasuresConfig = field(default_factory=MeasuresConfig)
    regularizer: Dict[str, Any] = MISSING  # noqa: UP006
    trainer: TrainerConfig = field(default_factory=TrainerConfig)  # type: ignore[valid-type]
    logger: LoggerConfig = field(default_factory=LoggerConfig)


@dataclass
class GalleryConfig:
    """The whole of `conf/gallery.yaml`."""

    name: str = MISSING
    seed: int = 0
    model: Dict[str, Any] = MISSING  # noqa: UP006
    init: InitConfig = field(default_factory=InitConfig)
    data: DataConfig = field(default_factory=DataConfig)
    layers: Optional[List[str]] = None  # noqa: UP006, UP045
    units: List[int] = MISSING  # noqa: UP006
    regularizers: List[str] = MISSING  # noqa: UP006
    steps: int = 128
    step_size: Optional[float] = None  # noqa: UP045
    accelerator: str = "auto"


def register() -> None:
    """Make known to Hydra: schemas, what goes into a run's log, resolvers for a multirun's folders and for products."""
    store = ConfigStore.instance()
    store.store(name="train_schema", node=TrainConfig)
    store.store(name="gallery_schema", node=GalleryConfig)
    store.store(group="hydra/job_logging", name="featevo", node=JOB_LOGGING)
    OmegaConf.register_new_resolver("featevo.swept", swept, replace=True)
    OmegaConf.register_new_resolver("featevo.times", lambda *numbers: math.prod(numbers), replace=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain Python values, all interpolations resolved: what trackers and hashes take."""
    content = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}
