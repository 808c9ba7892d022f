"""From configuration to what measures snapshots: the judge, the measures, and the real images that they need."""

from __future__ import annotations

from typing import Any

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from featevo.app.instantiate import build
from featevo.data.module import ImageDataModule
from featevo.errors import UserError
from featevo.measure.controls import Real
from featevo.measure.judge import Judge, judge
from featevo.measure.measuring import Measuring
from featevo.measure.needs import Need, needs_of, uses_images_only
from featevo.measure.subject import Measure, OfImages
from featevo.views.isolation import isolated


def build_measuring(settings: DictConfig, data: ImageDataModule) -> Measuring | None:
    """What measures each snapshot, or None for `measures=off`; the judge's file is read at once.

    Args:
        settings: The section `measures`.
        data: Its images are the real ones.
    """
    if not settings.enabled:
        return None
    specs = {f"measures.terms.{name}": spec for name, spec in settings.terms.items() if spec is not None}

    def terms(judge: Judge | None) -> list[Measure]:
        built = (_term(spec, where, judge) for where, spec in specs.items())
        return [term for term in built if term is not None]

    def real() -> Real:
        train, val = (data.labelled(split, settings.pictures) for split in ("train", "val"))
        return Real(train[0], *val)

    with isolated():  # making the judge's layers uses random numbers, and a user's module may do so
        needs = {need for spec in specs.values() for need in needs_of(_class_of(spec))}
        needs_judge = Need.judge in needs or (Need.embedding in needs and settings.seeds > 0)
        if settings.judge is not None and not needs_judge:
            raise UserError(
                f"measures.judge={settings.judge}: no measure needs a judge; the drift does, with measures.seeds=1"
            )
        try:
            chosen = judge(settings.judge, settings.layer) if needs_judge else None
        except ValueError as error:
            raise UserError(f"measures.judge={settings.judge}, measures.layer={settings.layer}: {error}") from error
        terms(chosen)  # what cannot be built is reported before training
        return Measuring(terms, real, chosen, settings.seeds)


def _term(spec: Any, where: str, judge: Judge | None) -> Measure | None:
    if not OmegaConf.is_dict(spec) or "_target_" not in spec:
        raise UserError(f"{where}={spec}: must be {{_target_: CLASS}}, or null")
    needs = needs_of(_class_of(spec))
    if Need.judge in needs:
        if more := ", ".join(sorted(need.value for need in needs - {Need.judge})):
            raise UserError(f"{where}: a measure that needs a judge gets images alone, this one also needs {more}")
        # Not as an argument of the building: Hydra would make a configuration of it.
        return None if judge is None else OfImages(build(spec, where, _partial_=True)(judge=judge))
    term = build(spec, where)
    return OfImages(term) if uses_images_only(term) else term


def _class_of(spec: Any) -> Any:
    """The class that `_target_` names; None for what cannot be found, which building reports."""
    try:
        return get_object(spec["_target_"])
    except Exception:
        return None
