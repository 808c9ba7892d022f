"""Typed schemas of `conf/`: a wrong name or type fails when the configuration is composed, before anything runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Any, Dict, List, Optional  # noqa: UP035 (read by OmegaConf on Python 3.10)

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from featevo.app.exit import OUTCOME
from featevo.app.this_job import swept
from featevo.app.trainer_defaults import trainer_defaults
from featevo.evolve.trigger import KINDS, MODES

# Defaults of the configuration are those of the code that it configures; tests compare them, as the code is imported
# only when a command needs it.


@dataclass
class InitConfig:
    """The initial weights: arguments of `featevo.model.init.initialise`, and the normalisation of the weights."""

    name: str = MISSING
    scheme: str = "auto"
    weights: Optional[str] = None  # noqa: UP045
    strict: bool = True
    freeze: Any = None
    mean: Optional[List[float]] = None  # noqa: UP006, UP045
    std: Optional[List[float]] = None  # noqa: UP006, UP045


def _choice(name: str, *choices: str) -> tuple[str, Any, Any]:
    """A key that takes one of a few names, by default the first."""
    kind: Any = Enum(name, {choice: choice for choice in choices})  # type: ignore[misc]
    return name, kind, kind[choices[0]]


# When and how to draw: arguments of `featevo.evolve.callback.FeatureEvolutionCallback`.
EvolutionConfig = make_dataclass(
    "EvolutionConfig",
    [
        ("enabled", bool, True),
        ("views", Any, "classes"),
        ("monitor", str, "val_acc"),
        _choice("mode", *MODES),
        ("min_delta", float, 0.0),
        _choice("trigger", *KINDS),
        ("every_n", int, 1),
        ("before_training", bool, False),
        ("last_epoch", bool, True),
        ("steps", int, 128),
        ("step_size", Optional[float], None),  # noqa: UP045
        ("first_step", float, 1.0),
        ("seed", int, 0),
        _choice("objective", "logit", "log_probability"),
        _choice("start", "noise", "mean", "last"),
        ("chunk_size", Optional[int], None),  # noqa: UP045
        ("save_weights", Any, True),
        ("layer_change", bool, True),
        _choice("on_error", "continue", "raise"),
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
    wrong_labels: float = 0.0  # older records do not have it
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
TrainerConfig = make_dataclass("TrainerConfig", [(name, Any, value) for name, value in trainer_defaults().items()])
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
    init: InitConfig = field(default_factory=InitConfig)
    data: DataConfig = field(default_factory=DataConfig)


@dataclass
class TrainConfig(NetworkConfig):
    """The whole of `conf/train.yaml`."""

    optimizer: Dict[str, Any] = MISSING  # noqa: UP006
    scheduler: Dict[str, Any] = field(default_factory=dict)  # noqa: UP006 # older records do not have it
    augmentation: Dict[str, Any] = field(default_factory=dict)  # noqa: UP006 # older records do not have it
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
    steps: int = 128
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
