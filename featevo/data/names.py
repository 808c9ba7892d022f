"""The classes of ImageNet without its images, for networks that were trained on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from featevo.data.synsets import Synsets, read_synsets
from featevo.errors import UserError


@dataclass(frozen=True)
class ImageNetNames:
    """What a network needs of a data module, and the names of the classes.

    Args:
        image_size: Side of the square images in pixels.
        num_channels: Of the images.
    """

    image_size: int
    num_channels: int = 3

    @cached_property
    def _synsets(self) -> Synsets:
        return Synsets(read_synsets(), "ImageNet")

    @property
    def classes(self) -> tuple[str, ...]:
        """One name of each class, in the order of ImageNet's logits."""
        return tuple(self._synsets.labels)

    @property
    def num_classes(self) -> int:
        """1000."""
        return len(self._synsets.labels)

    def find(self, name: str) -> int:
        """The index of a class by any of its names or its WordNet id.

        Raises:
            UserError: There is none, or more than one.
        """
        return self._synsets.find(name)

    def examples(self) -> Tensor:
        """Raises: there are no images."""
        raise UserError("data=imagenet_names has no images; regularizer=maco needs some, use data=imagenet")
