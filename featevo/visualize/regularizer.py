"""A regularizer: a named bundle of what keeps pictures from becoming noise, read from `conf/regularizer/*.yaml`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import OmegaConf
from torch import Tensor

from featevo.paths import CONF
from featevo.visualize.operators import Operator


@dataclass(frozen=True)
class Regularizer:
    """Named operators, applied in order after the steps that are multiples of their `every`.

    Args:
        operators: What is applied to the pictures, by name.
    """

    operators: Mapping[str, Operator] = field(default_factory=dict)

    def apply(self, pictures: Tensor, step: int) -> Tensor:
        """The pictures (B, C, H, W) after the operators due at this step; steps count from 1."""
        for operator in self.operators.values():
            if step % operator.every == 0:
                pictures = operator(pictures)
        return pictures

    @classmethod
    def named(cls, name: str) -> Regularizer:
        """The bundle of that name in `conf/regularizer`.

        Raises:
            ValueError: When there is none; the message lists those there are.
        """
        path = CONF / "regularizer" / f"{name}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
            raise ValueError(f"regularizer={name!r} is not known; there are: {known}")
        return cls.from_config(OmegaConf.to_container(OmegaConf.load(path)))

    @classmethod
    def from_config(cls, config: Any) -> Regularizer:
        """Build from the plain content of such a file; entries that are null are left out.

        Raises:
            ValueError: When an entry names no class, or gives it wrong arguments; the message names the entry.
        """
        entries = (config or {}).get("operators") or {}
        return cls({name: _build(f"operators.{name}", spec) for name, spec in entries.items() if spec is not None})


def _build(where: str, spec: Mapping[str, Any]) -> Any:
    arguments = dict(spec)
    target = str(arguments.pop("_target_", ""))
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)(**arguments)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"regularizer.{where}._target_={target!r} cannot be imported: {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"regularizer.{where}: {error}") from error
