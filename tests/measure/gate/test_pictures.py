"""All pictures of the gate."""

import pytest
import torch

from featevo.measure.gate.checks import without_structure
from featevo.measure.gate.pictures import PHOTOGRAPHS, SHUFFLED, pictures
from featevo.measure.gate.rungs import NOISE, STRUCTURED


def test_every_kind_has_its_pictures():
    found = pictures(32, 2)
    assert len(found) == 5 + 6 + 30 + 3 + 3 * 4
    assert {images.shape for images in found.values()} == {(2, 3, 32, 32)}
    assert all(images.min() >= 0 and images.max() <= 1 for images in found.values())
    again = pictures(32, 2)
    assert all(torch.equal(images, again[kind]) for kind, images in found.items())


def test_those_without_structure_are_noise_checkerboards_and_random_phases():
    kinds = without_structure(pictures(32, 1))
    assert len(kinds) == 5 + 30 + 1
    assert set(NOISE) < set(kinds)
    assert {"blur 3 px, saturated", "checkerboard 2 px", "phase-randomised photographs"} < set(kinds)
    assert not {*STRUCTURED, PHOTOGRAPHS, SHUFFLED, "scene, mirrored"} & set(kinds)


@pytest.mark.parametrize(("size", "number"), [(36, 1), (24, 1), (264, 1), (64, 0)])
def test_other_sizes_are_refused(size, number):
    with pytest.raises(ValueError, match=f"size={size}, number={number}: the size is a multiple of 8 from 32 to 256"):
        pictures(size, number)
