"""A regularizer: a named bundle of what keeps pictures from becoming noise, read from `conf/regularizer/*.yaml`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from featevo.app.paths import CONF
from featevo.visualize.operators import Operator, Step
from featevo.visualize.optimizers import NormalisedAscent, Optimizer
from featevo.visualize.parameterizations.base import Examples, Parameterization, Pixels, Shape
from featevo.visualize.penalties import Penalty
from featevo.visualize.schedule import at
from featevo.visualize.streams import Streams, stream
from featevo.visualize.transforms import Transform, resized

TERMS = ("operators", "penalties", "transforms")
"""Entries that hold terms by name."""

PARTS = ("parameterization", "optimizer", *TERMS, "balanced", "samples")
"""Entries of such a file."""


@dataclass(frozen=True)
class Regularizer:
    """Everything that shapes a picture besides its unit; terms by name, applied in their order.

    Args:
        operators: Applied to the pictures after the steps that are multiples of their `every`.
        penalties: Subtracted from the objective, times their weight.
        balanced: Whether penalties are weighed against the objective's gradient at standard deviation 1 and summed over
            pixels, so that one weight serves units of any scale; otherwise they are subtracted as they are.
        transforms: Change what the network sees.
        samples: How often each step shows a picture, each time transformed anew; the objective is the mean.
        parameterization: What is optimised.
        optimizer: How a gradient becomes a step.

    Raises:
        ValueError: For less than one sample of a picture.
    """

    operators: Mapping[str, Operator] = field(default_factory=dict)
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    balanced: bool = False
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    samples: int = 1
    parameterization: Parameterization = field(default_factory=Pixels)
    optimizer: Optimizer = field(default_factory=NormalisedAscent)

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples={self.samples}: must be at least 1")

    def apply(self, pictures: Tensor, step: Step) -> Tensor:
        """The pictures (B, C, H, W) after the operators due at this step."""
        for operator in self.operators.values():
            if step.number % operator.every == 0:
                pictures = operator(pictures, step)
        return pictures

    def acts(self, number: int) -> bool:
        """Whether any operator is due at this step; steps count from 1."""
        return any(number % operator.every == 0 for operator in self.operators.values())

    @property
    def period(self) -> int:
        """After so many steps the same operators are due again."""
        return math.lcm(*(operator.every for operator in self.operators.values()))

    def penalty(self, pictures: Tensor, progress: float) -> Tensor:
        """The sum (B,) of all penalties of pictures (B, C, H, W) at a progress from 0 to 1."""
        terms = [at(penalty.weight, progress) * penalty(pictures) for penalty in self.penalties.values()]
        return torch.stack(terms).sum(0) if terms else pictures.new_zeros(len(pictures))

    def seen(self, pictures: Tensor, streams: Streams) -> Tensor:
        """What the network sees (B * samples, C, H, W) of pictures (B, C, H, W)."""
        if not self.transforms:
            return pictures
        size = (pictures.shape[2], pictures.shape[3])
        pictures = pictures.repeat_interleave(self.samples, 0)
        for transform in self.transforms.values():
            pictures = transform(pictures, streams)
        return resized(pictures, size)

    def check(self, shape: Shape, examples: Examples) -> None:
        """Try everything once on one picture.

        Raises:
            ValueError: When a part does not fit pictures of this shape, such as a filter larger than they are.
        """
        space = self.parameterization.space(shape, examples)
        with torch.no_grad():
            pictures = space.decode(space.noise(stream(0, 0))[None])
            self.seen(pictures, Streams([stream(0, 0)], self.samples))
            self.penalty(pictures, 0.0)
            for operator in self.operators.values():
                operator(pictures, Step(1, 1, torch.zeros_like(pictures)))

    def described(self) -> dict[str, Any]:
        """All parts as plain values, for the record."""
        terms = {part: {name: repr(term) for name, term in getattr(self, part).items()} for part in TERMS}
        return {
            "parameterization": repr(self.parameterization),
            "optimizer": repr(self.optimizer),
            **terms,
            "period": self.period,
            "balanced": self.balanced,
            "samples": self.samples,
        }

    @classmethod
    def named(cls, name: str) -> Regularizer:
        """The bundle of that name in `conf/regularizer`.

        Raises:
            ValueError: When there is none; the message lists those there are.
        """
        return cls.from_config(OmegaConf.to_container(_bundle(name)))

    @classmethod
    def from_config(cls, config: Any) -> Regularizer:
        """Build from the plain content of such a file; what is switched off is left out.

        Off are entries that are null, operators whose `every` is null and penalties whose weight is 0.

        Raises:
            ValueError: When an entry names no class, or gives it wrong arguments; the message names the entry.
        """
        config = {key: value for key, value in (config or {}).items() if value is not None}
        unknown = sorted(set(config) - set(PARTS))
        if unknown:
            raise ValueError(f"regularizer.{unknown[0]} is not known; there are: {', '.join(PARTS)}")
        parts: dict[str, Any] = {}
        for part, content in config.items():
            if part in ("balanced", "samples"):
                parts[part] = content
            elif part not in TERMS:
                parts[part] = _build(part, content)
            else:
                parts[part] = {name: _build(f"{part}.{name}", spec) for name, spec in content.items() if _is_on(spec)}
        return cls(**parts)


def _bundle(name: str) -> DictConfig:
    """The content of a file, over those that its defaults list names, as Hydra would compose it."""
    path = CONF / "regularizer" / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise ValueError(f"regularizer={name!r} is not known; there are: {known}")
    own = OmegaConf.load(path)
    assert isinstance(own, DictConfig)
    below = [_bundle(other) for other in own.pop("defaults", []) if other != "_self_"]
    merged = OmegaConf.merge(*below, own)
    assert isinstance(merged, DictConfig)
    return merged


def _is_on(spec: Any) -> bool:
    if not isinstance(spec, Mapping):
        return spec is not None
    return spec.get("every", 1) is not None and spec.get("weight", 1) not in (0, None)


def _build(where: str, spec: Any) -> Any:
    """The object that `_target_` names; values that name one themselves, such as schedules, are built first."""
    if not isinstance(spec, Mapping) or "_target_" not in spec:
        raise ValueError(f"regularizer.{where}={spec}: must be null, or name a class as _target_")
    arguments = {
        name: _build(f"{where}.{name}", value) if isinstance(value, Mapping) and "_target_" in value else value
        for name, value in spec.items()
        if name != "_target_"
    }
    target = str(spec["_target_"])
    module, _, name = target.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)(**arguments)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"regularizer.{where}._target_={target!r} cannot be imported: {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"regularizer.{where}: {error}") from error
