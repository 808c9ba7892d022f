"""The augmentation from configuration: transforms by name, each null or with a `_target_`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from omegaconf import DictConfig

from featevo.app.instantiate import build
from featevo.errors import UserError
from featevo.model.augmentation import Augmentation
from featevo.views.isolation import isolated

TRIES = 8
"""How often it is tried before training, as a transform may change only some images."""


def build_augmentation(config: DictConfig, channels: int, image_size: int) -> Augmentation | None:
    """Build from `augmentation`, and try it; the random streams of training stay as they are.

    Args:
        config: Transforms by name; null entries are left out.
        channels: Of the images.
        image_size: Their side in pixels.

    Returns:
        The augmentation, or None without any transform.

    Raises:
        UserError: When an entry is no transform, or does not keep an image's shape; the message names its key.
    """
    specs: dict[Any, Any] = {name: spec for name, spec in config.items() if spec is not None}
    if not specs:
        return None
    with isolated():
        transforms = {name: _built(f"augmentation.{name}", spec) for name, spec in specs.items()}
        image = torch.full((1, channels, image_size, image_size), 0.5)
        for name, transform in transforms.items():
            _try(name, Augmentation({name: transform}), image)
    return Augmentation(transforms)


def _built(where: str, spec: Any) -> Any:
    if not isinstance(spec, Mapping) or "_target_" not in spec:
        raise UserError(f"{where}={spec}: must be null, or name a class as _target_")
    transform = build(spec, where)
    if not callable(transform):
        raise UserError(f"{where}: {type(transform).__name__} is no transform of an image")
    return transform


def _try(name: str, augmentation: Augmentation, image: torch.Tensor) -> None:
    try:
        for _ in range(TRIES):
            augmentation(image)
    except UserError:
        raise
    except Exception as error:  # of a user's class: anything
        reason = " ".join(str(error).split()) or type(error).__name__
        shape = tuple(image[0].shape)
        raise UserError(f"augmentation.{name}: fails for an image of shape {shape}: {reason}") from error
