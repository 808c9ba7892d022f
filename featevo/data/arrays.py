"""Pictures that a library hands over as one array, made the size and colour that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image
from torch import Tensor

from featevo.data.picture_files import known_channels, to_square


class ArrayPictures:
    """Pictures of an array, with their class indices.

    Args:
        pixels: uint8 (N, H, W, 3) in RGB, or (N, H, W) in grey.
        labels: N class indices.
        image_size: side of the square pictures given out, in pixels.
        channels: 3 gives RGB, 1 gives grey.

    Raises:
        UserError: if there are no pictures of so many channels.
    """

    def __init__(self, pixels: np.ndarray, labels: Sequence[int], image_size: int, channels: int = 3) -> None:
        self._pixels = pixels
        self._labels = list(labels)
        self._image_size = image_size
        self._channels = known_channels(channels)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (channels, image_size, image_size) in 0..255, and its class index."""
        image = Image.fromarray(self._pixels[index])
        return to_square(image, self._image_size, self._channels), self._labels[index]


def of_classes(pixels: np.ndarray, labels: Sequence[int], chosen: Sequence[int]) -> tuple[np.ndarray, list[int]]:
    """The pictures of some classes in the order they come, labelled by the place of their class in `chosen`."""
    label = {old: new for new, old in enumerate(chosen)}
    kept = [index for index, old in enumerate(labels) if old in label]
    return pixels[kept], [label[labels[index]] for index in kept]
