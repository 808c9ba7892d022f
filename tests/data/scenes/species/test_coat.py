"""Coats: patterns of two colours inside an outline, darker at the lower side, different within a species."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.species.chance import Chance
from featevo.data.scenes.species.coat import Coat, design
from featevo.data.scenes.species.outlines import box, oval
from featevo.data.scenes.species.patterns import PATTERNS

COAT = Coat((200, 0, 0), (0, 0, 200), (0, 200, 0), (9, 9, 9), "stripes", 0.5, 0.0, 0.5, (0.0, 0.0), 0.0)
FULL = box(-1, -1, 1, 1)


def covered(coat: Coat, outline: np.ndarray = FULL, pose: Pose | None = None, second: bool = False) -> np.ndarray:
    canvas = Canvas(64, np.zeros((2, 2, 3), np.uint8))
    canvas.place(pose or Pose())
    (coat.cover_second if second else coat.cover)(canvas, outline)
    return canvas.pixels()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_has_its_two_colours(pattern: str) -> None:
    image = covered(replace(COAT, pattern=pattern))
    first, other = (image[..., 0] > 120).mean(), (image[..., 2] > 120).mean()
    assert first > 0.1
    assert (other == 0) if pattern == "plain" else (other > 0.05)
    assert image[..., 1].max() == 0


def test_patterns_differ_from_each_other() -> None:
    images = [covered(replace(COAT, pattern=pattern)).astype(float) for pattern in PATTERNS]
    for place, one in enumerate(images):
        for other in images[:place]:
            assert np.abs(one - other).mean() > 5


def test_the_second_cover_goes_from_second_to_accent() -> None:
    image = covered(COAT, second=True)
    assert image[..., 0].max() == 0
    assert image[..., 1].max() > 150
    assert image[..., 2].max() > 150


def test_stripes_have_the_period_and_turn_with_the_object() -> None:
    upright, turned = covered(COAT), covered(COAT, pose=Pose(angle=np.pi / 2))
    assert (np.diff(upright[32, :, 0].astype(int)) > 100).sum() in (3, 4)
    assert (np.diff(turned[:, 32, 0].astype(int)) > 100).sum() in (3, 4)
    assert np.ptp(turned[32, 8:56, 0]) == 0


def test_shade_darkens_the_lower_side_only() -> None:
    image = covered(replace(COAT, pattern="plain", shade=0.4)).astype(int)
    assert image[4, 32].sum() > image[32, 32].sum() > image[60, 32].sum() > 0


def test_nothing_is_drawn_outside_the_outline() -> None:
    image = covered(COAT, oval((0.3, 0.0), (0.3, 0.5)))
    assert image[:, :28].max() == 0
    assert image[32, 36:48].max() > 150


def test_coats_of_a_species_vary_about_its_palette() -> None:
    palette = design(Chance(np.random.default_rng(4)))
    coats = [palette.coat(Chance(np.random.default_rng(seed))) for seed in range(40)]
    assert len({coat.main for coat in coats}) > 30
    assert {coat.pattern for coat in coats} == {palette.pattern}
    assert all(0.8 * palette.period < coat.period < 1.2 * palette.period for coat in coats)
    hues = np.array([np.argmax(coat.main) for coat in coats])
    assert np.bincount(hues, minlength=3).max() > 20
