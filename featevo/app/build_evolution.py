"""From configuration to what is drawn, and to the callback that draws it during training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from torch import nn

from featevo.app.build_measuring import build_measuring
from featevo.app.build_regularizer import build_regularizer
from featevo.app.instantiate import build
from featevo.app.schemas import plain
from featevo.data.module import ImageDataModule
from featevo.errors import UserError
from featevo.evolve.callback import FeatureEvolutionCallback
from featevo.model.classifier import MONITORED
from featevo.views.choose import WHEN, Views, planned_views
from featevo.views.classes import LAST
from featevo.views.view import View


def build_views(cfg: DictConfig, data: ImageDataModule) -> list[View]:
    """The views of the network.

    Raises:
        UserError: When one cannot be built.
    """
    settings = plain(cfg)["evolution"]
    names = ("steps", "step_size", "first_step", "seed", "chunk_size", "objective", "start")
    common = {name: settings[name] for name in names}
    common |= {"regularizer": build_regularizer(plain(cfg)["regularizer"]), "examples": data.examples}
    with _naming_evolution():
        return [one.view for one in planned_views(_views(cfg), common)]


def _views(cfg: DictConfig) -> Views:
    """The configured views, those with a `_target_` built."""
    given = plain(cfg)["evolution"]["views"]
    if not isinstance(given, Mapping):
        return given
    views: dict[str, Any] = {}
    for name, content in given.items():
        if not isinstance(content, Mapping | None):
            raise UserError(f"evolution.views.{name}={content}: must be its settings ({{}}: the defaults), or null")
        if content is not None and "_target_" in content:
            when = {key: content[key] for key in WHEN if key in content}
            spec = {key: value for key, value in content.items() if key not in WHEN}
            content = {**when, "view": build(OmegaConf.create(spec), f"evolution.views.{name}")}
        views[str(name)] = content
    return views


def build_evolution(
    cfg: DictConfig, data: ImageDataModule, folder: Path, module: nn.Module
) -> FeatureEvolutionCallback | None:
    """The callback, or None for `evolution=off`. The monitored metric is checked for both, as checkpoints use it."""
    settings = plain(cfg)["evolution"]
    if settings["monitor"] not in MONITORED:
        raise UserError(f"evolution.monitor={settings['monitor']}: there are {', '.join(MONITORED)}")
    if not settings.pop("enabled"):
        return None
    if settings["start"] == LAST and cfg.measures.enabled and cfg.measures.seeds:
        raise UserError(
            f"measures.seeds={cfg.measures.seeds}: images that continue the last ones have no seed to vary; "
            "use evolution.start=noise, or measures.seeds=0"
        )
    with _naming_evolution():
        callback = FeatureEvolutionCallback(
            classes=data.classes,
            image_size=data.image_size,
            channels=data.num_channels,
            regularizer=build_regularizer(plain(cfg)["regularizer"]),
            examples=data.examples,
            folder=folder,
            config=plain(cfg),
            measuring=build_measuring(cfg.measures, data),
            real=partial(data.labelled, "val"),
            page=False,  # the command has these files itself, and more
            **{**settings, "views": _views(cfg)},
        )
        callback.check(module)
        return callback


@contextmanager
def _naming_evolution() -> Iterator[None]:
    """Put the section of the configuration before an error's message."""
    try:
        yield
    except ValueError as error:
        text = str(error)
        prefix = "evolution." if text.startswith("views") else "evolution: " if "regularizer" not in text else ""
        raise UserError(prefix + text) from error
