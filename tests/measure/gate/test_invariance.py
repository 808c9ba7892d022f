"""Changes of contrast, mean colour and side against numpy."""

import numpy as np
import pytest
import torch

from featevo.measure.gate.invariance import CHANGES, HALF, SHIFT, changed, compared_with


@pytest.fixture
def images():
    return torch.rand(12, 3, 16, 24, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_a_quarter_of_the_contrast_about_the_mean_colour(images):
    faint = changed(images)["a quarter of the contrast"].numpy()
    np.testing.assert_allclose(faint.mean((2, 3)), images.numpy().mean((2, 3)))
    np.testing.assert_allclose(faint.std((2, 3)), images.numpy().std((2, 3)) / 4)
    assert np.corrcoef(faint[0, 0].ravel(), images[0, 0].numpy().ravel())[0, 1] == pytest.approx(1)


def test_another_mean_colour_without_clipping(images):
    result = changed(images)
    half, shifted = result[HALF].numpy(), result["another mean colour"].numpy()
    np.testing.assert_allclose(half, 0.25 + images.numpy() / 2)
    assert shifted.min() > 0
    assert shifted.max() < 1
    moved = (shifted - half).reshape(12, 3, -1)
    np.testing.assert_allclose(np.ptp(moved, 2), 0, atol=1e-12)
    np.testing.assert_allclose(np.abs(moved[..., 0]), SHIFT)
    directions = np.sign(moved[..., 0])
    assert (np.abs(directions.sum(1)) == 1).all()  # never all channels in one direction: that is no other colour
    assert len(np.unique(directions, axis=0)) > 3


def test_mirrored(images):
    np.testing.assert_array_equal(changed(images)["mirrored"].numpy(), images.numpy()[..., ::-1])


def test_what_changes_are_compared_with():
    assert [compared_with("scene", change) for change in CHANGES] == ["scene", f"scene, {HALF}", "scene"]
