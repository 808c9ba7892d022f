"""The regularizer from configuration: parts and terms by name, each null or with a `_target_`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from featevo.app.instantiate import build
from featevo.errors import UserError
from featevo.visualize.regularizer import TERMS, Regularizer

SCALARS: dict[str, tuple[type, str]] = {"balanced": (bool, "true or false"), "samples": (int, "a whole number")}
"""Parts that are plain values: their type, and how a message names it."""


def build_regularizer(config: Mapping[str, Any]) -> Regularizer:
    """Build from the plain content of `regularizer`.

    Null entries, operators whose `every` is null and penalties with weight 0 are left out.

    Raises:
        UserError: When an entry names no class, or gives it wrong arguments; the message names its key.
    """
    known = [part.name for part in fields(Regularizer)]
    parts: dict[str, Any] = {}
    for key, content in config.items():
        part = "samples" if key == "views" else key  # its name in the configurations of earlier runs
        where = f"regularizer.{part}"
        if part not in known:
            raise UserError(f"{where} is not known; there are: {', '.join(known)}")
        if content is None:
            continue
        if part in SCALARS:
            kind, name = SCALARS[part]
            if type(content) is not kind:
                raise UserError(f"{where}={content}: must be {name}")
            parts[part] = content
        elif part not in TERMS:
            parts[part] = _built(where, content)
        elif isinstance(content, Mapping):
            parts[part] = {name: _built(f"{where}.{name}", spec) for name, spec in content.items() if _is_on(spec)}
        else:
            raise UserError(f"{where}={content}: must hold terms by name")
    try:
        return Regularizer(**parts)
    except ValueError as error:
        raise UserError(f"regularizer.{error}") from error


def _is_on(spec: Any) -> bool:
    if not isinstance(spec, Mapping):
        return spec is not None
    return spec.get("every", 1) is not None and spec.get("weight", 1) not in (0, None)


def _built(where: str, spec: Any) -> Any:
    if not isinstance(spec, Mapping) or "_target_" not in spec:
        raise UserError(f"{where}={spec}: must be null, or name a class as _target_")
    return build(spec, where)
