"""Habitats: a tint in some images only, in the place of its layout."""

from __future__ import annotations

import numpy as np
import pytest

from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.habitat import Habitat

PLAIN = np.full((12, 12, 3), 128, np.uint8)


def tinted(layout: str, share: float, seed: int) -> np.ndarray:
    habitat = Habitat(share, hue=0.0, saturation=1.0, value=1.0, strength=0.7, layout=layout)
    return habitat.tint(PLAIN, Chance(np.random.default_rng(seed)))


def test_its_frequency_is_its_share() -> None:
    shown = [not np.array_equal(tinted("even", 0.3, seed), PLAIN) for seed in range(300)]
    assert 0.2 < np.mean(shown) < 0.4


@pytest.mark.parametrize(
    ("layout", "more", "less"),
    [("ground", (11, 6), (0, 6)), ("sky", (0, 6), (11, 6)), ("glow", (6, 6), (0, 0))],
)
def test_each_layout_has_its_place(layout: str, more: tuple[int, int], less: tuple[int, int]) -> None:
    for seed in range(8):
        image = tinted(layout, 1.0, seed).astype(int)
        assert image.shape == PLAIN.shape
        assert image[more][0] - image[more][2] > image[less][0] - image[less][2] + 40
