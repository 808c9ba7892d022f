"""The views of a run, from their names and settings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

from featevo.record.schema import MAIN_VIEW
from featevo.views.attribution import Attribution
from featevo.views.channels import Channels
from featevo.views.classes import Classes
from featevo.views.exemplars import Exemplars
from featevo.views.inversion import Inversion
from featevo.views.view import View
from featevo.visualize import Regularizer

KINDS: dict[str, Callable[..., View]] = {
    MAIN_VIEW: Classes,
    "channels": Channels,
    "exemplars": Exemplars,
    "inversion": Inversion,
    "attribution": Attribution,
}
"""The views of featevo by the name of their kind."""

Views = str | Sequence[str] | Mapping[str, View | Mapping[str, Any] | None]
"""A name in `KINDS`, several, or settings by name; see `planned_views`."""

OF_ASCENT: dict[str, Any] = {
    "steps": int,
    "step_size": float | None,
    "first_step": float,
    "seed": int,
    "chunk_size": int | None,
    "regularizer": str,
}
"""Settings of every view that optimises images, and the types of their plain values; objects are allowed, too."""

WHEN = ("trigger", "every_n")
"""Settings that say when a view is drawn."""

_NAME = re.compile(r"[A-Za-z][\w-]{0,59}", re.ASCII)


@dataclass(frozen=True)
class Planned:
    """A view, and when it is drawn.

    Attributes:
        view: What is drawn.
        trigger: As in `featevo.evolve.trigger.Trigger`; None: whenever the run's own trigger fires.
        every_n: The n of "every_n", in epochs.
    """

    view: View
    trigger: str | None = None
    every_n: int = 1


def planned_views(views: Views, common: Mapping[str, Any]) -> list[Planned]:
    """The views of a run, in the given order.

    Args:
        views: A name in `KINDS`, a list of names, or a dictionary from names to settings (None: not drawn). Settings
            are arguments of the view's class, settings of the ascent (`OF_ASCENT`), `trigger` and `every_n`; `view`
            gives the kind, or an object with the members of `featevo.views.view.View`, for a view of another name.
        common: What applies to all views that take it: settings of the ascent, `examples`, and further arguments.

    Raises:
        ValueError: For an unknown name or setting, a value of another type, or no view at all.
    """
    if isinstance(views, str):
        views = [views]
    if not isinstance(views, Mapping):
        if not isinstance(views, Sequence) or not all(isinstance(name, str) for name in views):
            raise ValueError(f"views={views}: give a name, a list of names, or settings by name")
        if twice := next((name for name in views if list(views).count(name) > 1), None):
            raise ValueError(f"views: {twice} is named twice")
        views = {name: {} for name in views}
    planned = [_planned(name, given, common) for name, given in views.items() if given is not None]
    if not planned:
        raise ValueError(f"views: name at least one of {', '.join(KINDS)}, or set enabled=false")
    return planned


def _planned(name: str, given: View | Mapping[str, Any], common: Mapping[str, Any]) -> Planned:
    if not _NAME.fullmatch(name):
        raise ValueError(f"views: {name!r} is no name of a view; use up to 60 letters, digits, - and _")
    settings: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"view": given}
    trigger, every_n = settings.pop("trigger", None), settings.pop("every_n", 1)
    _check_type(f"views.{name}.trigger", trigger, str | None)
    _check_type(f"views.{name}.every_n", every_n, int)
    kind = settings.pop("view", name)
    if not isinstance(kind, str):
        if settings:
            raise ValueError(f"views.{name}.{next(iter(settings))}: a view that is given as an object has its settings")
        if kind.name != name:
            raise ValueError(f"views.{name}: the name of this view is {kind.name!r}")
        return Planned(kind, trigger, every_n)
    if kind not in KINDS:
        raise ValueError(f"views.{name}: there is no view {kind!r}; there are {', '.join(KINDS)}")
    return Planned(_built(name, kind, settings, common), trigger, every_n)


def _built(name: str, kind: str, settings: Mapping[str, Any], common: Mapping[str, Any]) -> View:
    make = KINDS[kind]
    hints = {key: hint for key, hint in get_type_hints(make).items() if key in inspect.signature(make).parameters}
    optimises = hints.pop("settings", None) is not None
    hints.pop("name")
    allowed = hints | (OF_ASCENT if optimises else {})
    for key, value in settings.items():
        if key not in allowed:
            raise ValueError(f"views.{name}.{key}: no such setting; there are trigger, every_n, {', '.join(allowed)}")
        _check_type(f"views.{name}.{key}", value, allowed[key])
    own = {**getattr(make, "defaults", {}), **settings}
    arguments = {key: value for source in (common, own) for key, value in source.items() if key in hints}
    if optimises:
        ascent = {key: {**common, **own}[key] for key in (*OF_ASCENT, "examples")}
        if isinstance(ascent["regularizer"], str):
            ascent["regularizer"] = Regularizer.named(ascent["regularizer"])
        arguments["settings"] = ascent
    return make(**arguments, name=name)


def _check_type(where: str, value: Any, hint: Any) -> None:
    """Of plain values; objects, such as a regularizer, are checked where they are used."""
    if isinstance(value, bool | int | float | str | list | tuple | dict | None):
        try:
            msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            raise ValueError(f"{where}={value}: {error}") from error
