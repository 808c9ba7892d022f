"""Every body plan fills its frame, varies between images and between species, and has a plain name."""

from __future__ import annotations

import numpy as np
import pytest

from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.species import coat
from featevo.data.scenes.species.bodies import FAMILIES, Body, Family
from featevo.data.scenes.species.chance import Chance

PALETTE = coat.design(Chance(np.random.default_rng(0)))


def drawn(body: Body, seed: int) -> np.ndarray:
    canvas = Canvas(48, np.full((2, 2, 3), 255, np.uint8))
    chance = Chance(np.random.default_rng(seed))
    body.draw(canvas, PALETTE.coat(chance), chance)
    return canvas.pixels()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
class TestFamily:
    def bodies(self, family: type[Family], count: int = 25) -> list[Body]:
        return [family.design(Chance(np.random.default_rng(seed))) for seed in range(count)]

    def test_each_fills_a_good_part_of_its_frame(self, family: type[Family]) -> None:
        for body in self.bodies(family):
            covered = (drawn(body, 0) != 255).any(axis=2)
            assert 0.06 < covered.mean() < 0.9, body
            # Not only in a corner.
            assert covered[12:36, 12:36].mean() > 0.1, body

    def test_each_varies(self, family: type[Family]) -> None:
        for body in self.bodies(family, 5):
            assert len({drawn(body, seed).tobytes() for seed in range(4)}) == 4

    def test_genes_are_equal_only_for_the_same_chance(self, family: type[Family]) -> None:
        assert self.bodies(family) == self.bodies(family)
        assert len({repr(body) for body in self.bodies(family)}) == 25

    def test_words_are_plain(self, family: type[Family]) -> None:
        words = {body.word for body in self.bodies(family, 100)}
        assert len(words) >= 3
        assert all(word.isalpha() and word.islower() and len(word) < 10 for word in words)


def test_no_two_families_share_a_word() -> None:
    words = [{f.design(Chance(np.random.default_rng(seed))).word for seed in range(200)} for f in FAMILIES]
    assert len(set().union(*words)) == sum(len(one) for one in words)
