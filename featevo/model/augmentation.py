"""Random changes of the training images, so that a network does not learn their accidental details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.errors import UserError


@dataclass(frozen=True)
class Augmentation:
    """Applies transforms to each image of a batch by itself, such as those of `torchvision.transforms.v2`.

    The transforms draw from the global random stream, so a resumed run repeats them.

    Args:
        transforms: By name, in this order; each takes and returns an image, float32 (C, H, W) in 0..1.
    """

    transforms: Mapping[str, Callable[[Tensor], Tensor]]

    def __call__(self, images: Tensor) -> Tensor:
        """Changed images (B, C, H, W).

        Raises:
            UserError: If a transform returns anything but an image of the same shape and type.
        """
        # One by one, as torchvision's transforms draw once per call: a whole batch would have the same change.
        return torch.stack([self._changed(image) for image in images])

    def _changed(self, image: Tensor) -> Tensor:
        for name, transform in self.transforms.items():
            changed = transform(image)
            if not isinstance(changed, Tensor) or (changed.shape, changed.dtype) != (image.shape, image.dtype):
                must = f"must keep an image's shape and type, {_kind(image)}, but returns {_kind(changed)}"
                raise UserError(f"augmentation.{name}: {must}")
            image = changed
        return image


def _kind(found: object) -> str:
    if not isinstance(found, Tensor):
        return type(found).__name__
    return f"{str(found.dtype).removeprefix('torch.')} {tuple(found.shape)}"
