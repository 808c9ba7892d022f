"""Zooms and turns against scipy's interpolation and numpy's rot90; the outside is grey."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch

from featevo.visualize import Rotate, Scale, Streams
from featevo.visualize.streams import stream
from featevo.visualize.transforms import sampled

SQUARE = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
WIDE = torch.rand(2, 3, 9, 14, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def streams(*units):
    return Streams([stream(0, unit) for unit in units])


def scipys(image, matrix):
    """A pixel's middle is at its (row, column); the image's has half of it on every side."""
    (height, width), matrix = image.shape[1:], np.asarray(matrix)
    y, x = np.mgrid[:height, :width].astype(float)
    middle = np.array([(width - 1) / 2, (height - 1) / 2])[:, None, None]
    source_x, source_y = np.einsum("ij,jhw->ihw", matrix, np.stack([x, y]) - middle) + middle
    places = {"order": 1, "mode": "grid-constant", "cval": 0.5}
    return np.stack([scipy.ndimage.map_coordinates(plane, [source_y, source_x], **places) for plane in image.numpy()])


def turn(angle):
    return [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]


def close(one, other):
    """Sampling places are float32."""
    return np.allclose(one, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quarter_turns_equal_rot90(quarters):
    matrix = torch.tensor(turn(quarters * math.pi / 2)).round()
    turned = sampled(SQUARE, matrix.expand(2, 2, 2))
    assert np.allclose(turned.numpy(), np.rot90(SQUARE.numpy(), quarters, (2, 3)), rtol=0, atol=1e-14)


@pytest.mark.parametrize("images", [SQUARE, WIDE], ids=["square", "wide"])
def test_samples_as_scipy_does_each_image_through_its_own_map(images):
    matrices = [turn(0.4), [[1.3, -0.2], [0.1, 0.7]]]
    seen = sampled(images, torch.tensor(matrices))
    for image, matrix, result in zip(images, matrices, seen, strict=True):
        assert close(result.numpy(), scipys(image, matrix))


@pytest.mark.parametrize("images", [SQUARE, WIDE], ids=["square", "wide"])
@pytest.mark.parametrize("factor", [0.5, 0.83, 1.0, 1.7, 3.0])
def test_scale_zooms_by_its_factor(images, factor):
    zoomed = Scale(factor, factor)(images, streams(0, 1)).numpy()
    for image, result in zip(images, zoomed, strict=True):
        assert close(result, scipys(image, np.eye(2) / factor))


def test_scale_below_1_is_grey_outside_and_has_the_image_inside():
    shrunk = Scale(0.5, 0.5)(torch.ones(1, 1, 8, 8), streams(0))[0, 0]
    assert torch.allclose(shrunk[2:6, 2:6], torch.tensor(1.0))
    outside = shrunk.clone()
    outside[2:6, 2:6] = 0.5
    assert torch.allclose(outside, torch.tensor(0.5))


@pytest.mark.parametrize("images", [SQUARE, WIDE], ids=["square", "wide"])
def test_rotate_turns_by_an_angle_of_its_own_stream(images):
    turned = Rotate(60)(images, streams(3, 4)).numpy()
    angles = streams(3, 4).uniform(-60, 60).tolist()
    assert angles[0] != angles[1]
    for image, result, angle in zip(images, turned, angles, strict=True):
        assert close(result, scipys(image, turn(math.radians(angle))))


def test_rotate_by_0_and_scale_by_1_leave_the_image():
    for warp in (Rotate(0), Scale(1, 1)):
        assert torch.allclose(warp(WIDE, streams(0, 1)), WIDE, rtol=0, atol=1e-12)


def test_angles_and_factors_fill_their_range():
    """A transformed ramp shows the map: its slope in the middle, along x and along y."""
    ramp = (torch.arange(16, dtype=torch.float64) / 15).expand(400, 1, 16, 16)
    many = Streams([stream(0, 0)], samples=400)
    turned = Rotate(10)(ramp, many)[:, 0]
    angles = torch.rad2deg(torch.asin(15 * (turned[:, 7, 7] - turned[:, 8, 7])))
    assert -10.001 < angles.min() < -9.8
    assert 9.8 < angles.max() < 10.001
    zoomed = Scale(0.8, 1.25)(ramp, many)[:, 0]
    factors = 1 / (15 * (zoomed[:, 7, 8] - zoomed[:, 7, 7]))
    assert 0.799 < factors.min() < 0.81
    assert 1.24 < factors.max() < 1.2501


@pytest.mark.parametrize(
    ("warp", "arguments", "message"),
    [
        (Scale, (0, 1), "low=0, high=1: must be 0 < low <= high"),
        (Scale, (1.2, 1.1), "low=1.2, high=1.1: must be 0 < low <= high"),
        (Rotate, (-1,), "degrees=-1: must be from 0 to 180"),
        (Rotate, (181,), "degrees=181: must be from 0 to 180"),
        (Rotate, (float("nan"),), "degrees=nan: must be from 0 to 180"),
    ],
)
def test_wrong_settings_are_refused(warp, arguments, message):
    with pytest.raises(ValueError, match=message):
        warp(*arguments)
