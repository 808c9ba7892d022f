"""From configuration to what measures snapshots: the judge, the measures, and the real pictures that they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from featevo.app.instantiate import build
from featevo.data.module import ImageDataModule
from featevo.errors import UserError
from featevo.measure.controls import Real
from featevo.measure.judge import Judge, judge
from featevo.measure.measuring import Measuring
from featevo.measure.needs import Need, looks_at_images_alone, needs_of
from featevo.measure.subject import Measure, OfPictures
from featevo.views.isolation import isolated


def build_measuring(cfg: DictConfig, data: ImageDataModule) -> Measuring | None:
    """What measures each snapshot, or None for `measures=off`; the judge's file is read at once."""
    with isolated():  # making the judge's layers draws random numbers, which are training's
        return _measuring(cfg, data)


def _measuring(cfg: DictConfig, data: ImageDataModule) -> Measuring | None:
    settings = cfg.measures
    if not settings.enabled:
        return None
    if settings.pictures < 2 or settings.seeds < 0:
        numbers = f"measures.pictures={settings.pictures}, measures.seeds={settings.seeds}"
        raise UserError(f"{numbers}: pictures must be at least 2, seeds at least 0")
    specs = {f"measures.terms.{name}": spec for name, spec in settings.terms.items() if spec is not None}

    def terms(seeing: Judge | None) -> list[Measure]:
        built = (_term(spec, where, seeing) for where, spec in specs.items())
        return [term for term in built if term is not None]

    def real(of: ImageDataModule) -> Real:
        train, val = (of.labelled(split, settings.pictures) for split in ("train", "val"))
        return Real(*train, *val, of.classes)

    try:
        chosen = judge(settings.judge, settings.layer)
    except ValueError as error:
        raise UserError(f"measures.judge={settings.judge}, measures.layer={settings.layer}: {error}") from error
    terms(chosen)  # what cannot be built is known before training
    lessons = None if settings.classes is None else _lessons(cfg, data, real)
    return Measuring(terms, partial(real, data), chosen, settings.seeds, lessons)


def _lessons(cfg: DictConfig, data: ImageDataModule, real: Callable[[ImageDataModule], Real]) -> Real:
    """Pictures of the data source's first `measures.classes` classes, the run's own first."""
    count = cfg.measures.classes
    spec = OmegaConf.merge(cfg.data.source, {"num_classes": count, "classes": None})
    more = ImageDataModule(build(spec, "data.source"), cfg.data.batch_size, 0, cfg.seed, cache_gb=0)
    more.setup()
    strange = [name for name in data.classes if name not in more.classes]
    if strange:
        raise UserError(f"measures.classes={count}: {strange[0]!r} is not among the data source's first {count}")
    order = [*data.classes, *(name for name in more.classes if name not in data.classes)]
    place = torch.tensor([order.index(name) for name in more.classes])
    found = real(more)
    return replace(
        found,
        train_labels=place[found.train_labels],
        val_labels=place[found.val_labels],
        classes=tuple(order),
    )


def _term(spec: Any, where: str, seeing: Judge | None) -> Measure | None:
    if not OmegaConf.is_dict(spec) or "_target_" not in spec:
        raise UserError(f"{where}={spec}: must be {{_target_: CLASS}}, or null")
    if Need.features in needs_of(_class_of(spec)):
        # Not as an argument of the building: Hydra would make a configuration of it.
        return None if seeing is None else OfPictures(build(spec, where, _partial_=True)(judge=seeing))
    term = build(spec, where)
    return OfPictures(term) if looks_at_images_alone(term) else term


def _class_of(spec: Any) -> Any:
    """What a `_target_` names; None for what cannot be found, which building it will say."""
    try:
        return get_object(spec["_target_"])
    except Exception:
        return None
