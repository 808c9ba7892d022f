"""Pictures from arrays: values, sizes, colours and labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from featevo.data.arrays import ArrayPictures, of_classes
from featevo.errors import UserError

COLOUR = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)


def test_the_stored_size_is_exact() -> None:
    pictures = ArrayPictures(COLOUR, [3, 1, 4, 1, 5], 8)
    assert len(pictures) == 5
    image, label = pictures[2]
    assert label == 4
    assert np.array_equal(image.permute(1, 2, 0).numpy(), COLOUR[2])


@pytest.mark.parametrize(("channels", "size"), [(1, 8), (3, 8), (1, 20), (3, 20)])
def test_any_size_and_channel_count(channels: int, size: int) -> None:
    for pixels in (COLOUR, COLOUR[..., 0]):
        image, _ = ArrayPictures(pixels, [0] * 5, size, channels)[0]
        assert (image.dtype, image.shape) == (torch.uint8, (channels, size, size))
    grey, _ = ArrayPictures(COLOUR[..., 0], [0] * 5, 8, channels)[4]
    assert all(np.array_equal(channel.numpy(), COLOUR[4, ..., 0]) for channel in grey)
    with pytest.raises(UserError, match=r"^data\.channels=2: "):
        ArrayPictures(COLOUR, [0] * 5, 8, 2)


def test_classes_are_picked_and_labelled_anew() -> None:
    pixels, labels = of_classes(COLOUR, [2, 0, 1, 2, 0], chosen=[2, 1])
    assert labels == [0, 1, 0]
    assert np.array_equal(pixels, COLOUR[[0, 2, 3]])
