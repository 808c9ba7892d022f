"""The transforms against numpy, scipy and Pillow; each image by its own stream; gradients flow through."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from PIL import Image

from featevo.visualize import Crop, Flip, Jitter, Noise, Pad, RandomBlur, Rotate, Scale, Streams
from featevo.visualize.streams import stream
from featevo.visualize.transforms import resized

IMAGES = torch.rand(3, 2, 10, 13, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
PLACES = torch.stack(torch.meshgrid(torch.arange(16.0), torch.arange(24.0), indexing="ij"))
RANDOM = [Jitter(0.3), Crop(), Flip(), Noise(), RandomBlur(0.2, 2), Scale(), Rotate()]
ALL = [Pad(), *RANDOM]


def by_name(cases):
    return pytest.mark.parametrize("transform", cases, ids=lambda transform: type(transform).__name__)


def streams(*units, samples=1):
    return Streams([stream(0, unit) for unit in units], samples)


def pillows(image, size):
    planes = [Image.fromarray(plane).resize(size[::-1], Image.Resampling.BILINEAR) for plane in image.float().numpy()]
    return np.stack([np.asarray(plane) for plane in planes])


@by_name(ALL)
def test_an_image_depends_only_on_its_own_stream(transform):
    before = torch.get_rng_state()
    together = transform(IMAGES, streams(0, 1, 2))
    assert torch.equal(transform(IMAGES, streams(0, 1, 2)), together)
    for k in range(3):
        alone = transform(IMAGES[k : k + 1], streams(k))
        assert torch.allclose(alone[0], together[k], rtol=0, atol=1e-14)
    assert torch.equal(torch.get_rng_state(), before)
    assert together.dtype == IMAGES.dtype


@by_name(RANDOM)
def test_samples_and_units_and_draws_differ(transform):
    same = IMAGES[:1].expand(8, -1, -1, -1)
    own = streams(5, samples=8)
    first, second = transform(same, own), transform(same, own)
    units = transform(same, streams(*range(8)))
    for one in (first, second, units):
        assert len(one.flatten(1).unique(dim=0)) > 1
    assert not torch.equal(first, second)
    assert not torch.equal(first, units)


@by_name(ALL)
def test_gradient(transform):
    images = IMAGES[:2, :1, :5, :6].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda inputs: transform(inputs, streams(0, 1)), images)


@pytest.mark.parametrize(("fill", "mode"), [("grey", "constant"), ("replicate", "edge"), ("reflect", "reflect")])
@pytest.mark.parametrize(("share", "margin"), [(0, 0), (0.1, 1), (0.34, 3), (0.99, 9)])
def test_pad_equals_numpy(fill, mode, share, margin):
    """The margin is a share of the shorter side, 10 pixels, and below it."""
    grey = {"constant_values": 0.5} if mode == "constant" else {}
    expected = np.pad(IMAGES.numpy(), [(0, 0), (0, 0), (margin, margin), (margin, margin)], mode, **grey)
    assert np.array_equal(Pad(share, fill)(IMAGES, streams(0, 1, 2)).numpy(), expected)


def test_jitter_gives_every_window_and_nothing_else():
    corners = set()
    for image in Jitter(0.125)(PLACES.expand(300, -1, -1, -1), streams(0, samples=300)):
        y, x = (int(place) for place in image[:, 0, 0])
        assert torch.equal(image, PLACES[:, y : y + 14, x : x + 22])
        corners.add((y, x))
    assert corners == {(y, x) for y in range(3) for x in range(3)}
    assert Jitter(0.99)(IMAGES, streams(0, 1, 2)).shape == (3, 2, 1, 4)


@pytest.mark.parametrize(("low", "high", "spread"), [(0.5, 0.5, 0.15), (0.2, 1.0, 0.15), (0.5, 0.9, 20.0)])
def test_crop_enlarges_a_window_inside(low, high, spread):
    """An image of places shows the window: its corners are the smallest and the largest."""
    for image in Crop(low, high, spread)(PLACES.expand(20, -1, -1, -1), streams(0, samples=20)):
        (top, left), (bottom, right) = image.flatten(1).amin(1).tolist(), image.flatten(1).amax(1).tolist()
        assert all(abs(place - round(place)) < 1e-4 for place in (top, left, bottom, right))
        top, left, bottom, right = round(top), round(left), round(bottom), round(right)
        assert 0 <= top <= bottom <= 15
        assert 0 <= left <= right <= 23
        for side, extent in ((16, bottom - top + 1), (24, right - left + 1)):
            assert side * low - 0.5 <= extent <= side * high + 0.5
        window = PLACES[:, top : bottom + 1, left : right + 1]
        assert np.allclose(image.numpy(), pillows(window, (16, 24)), rtol=0, atol=1e-4)


def test_crops_centre_is_normal_around_the_middle():
    places = torch.stack(torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij"))
    crops = Crop(0.25, 0.25, 0.1)(places.expand(400, -1, -1, -1), streams(0, samples=400)).flatten(2)
    centres = (crops.amin(2) + crops.amax(2)) / 2
    assert torch.allclose(centres.mean(0), torch.tensor(31.5), atol=1)
    assert torch.allclose(centres.std(0), torch.tensor(6.4), atol=0.7)
    assert torch.equal(Crop(1, 1)(IMAGES, streams(0, 1, 2)), IMAGES)


@pytest.mark.parametrize(("probability", "least", "most"), [(0, 0, 0), (0.25, 0.18, 0.32), (1, 1, 1)])
def test_flip_mirrors_left_and_right(probability, least, most):
    flipped = Flip(probability)(IMAGES[:1].expand(400, -1, -1, -1), streams(0, samples=400)).numpy()
    image = IMAGES[0].numpy()
    mirrored, same = ((flipped == one).all((1, 2, 3)) for one in (image[..., ::-1], image))
    assert (mirrored ^ same).all()
    assert least <= mirrored.mean() <= most


def test_noise_is_normal_and_of_its_stream():
    noise = Noise(0.2)(IMAGES, streams(0, 1, 2)) - IMAGES
    expected = torch.stack([torch.randn(2, 10, 13, generator=stream(0, k)) for k in range(3)])
    assert torch.allclose(noise, 0.2 * expected.double(), rtol=0, atol=1e-15)
    assert torch.equal(Noise(0)(IMAGES, streams(0, 1, 2)), IMAGES)


def test_random_blur_has_a_width_of_its_stream():
    blurred = RandomBlur(0.3, 2.0)(IMAGES, streams(0, 1, 2)).numpy()
    for k, sigma in enumerate(streams(0, 1, 2).uniform(0.3, 2.0).tolist()):
        expected = scipy.ndimage.gaussian_filter(IMAGES[k].numpy(), (0, sigma, sigma), mode="nearest")
        assert np.allclose(blurred[k], expected, rtol=0, atol=1e-12)
    assert torch.equal(RandomBlur(0, 0)(IMAGES, streams(0, 1, 2)), IMAGES)


@pytest.mark.parametrize("size", [(20, 26), (5, 6), (4, 20), (17, 7), (10, 14)])
def test_resized_equals_pillow(size):
    for image, result in zip(IMAGES, resized(IMAGES, size), strict=True):
        assert np.allclose(result.numpy(), pillows(image, size), rtol=0, atol=1e-6)
    assert resized(IMAGES, (10, 13)) is IMAGES


@pytest.mark.parametrize(
    ("transform", "arguments", "message"),
    [
        (Pad, {"share": 1}, r"share=1: must be at least 0 and below 1 \(a share of the image's side\)"),
        (Pad, {"fill": "zero"}, "fill='zero': use one of grey, replicate, reflect"),
        (Jitter, {"share": -0.1}, r"share=-0.1: must be at least 0 and below 1 \(a share of the image's side\)"),
        (Crop, {"low": 0}, r"low=0, high=1.0: must be 0 < low <= high <= 1 \(shares of the side\)"),
        (Crop, {"high": 1.1}, "low=0.5, high=1.1: must be 0 < low <= high <= 1"),
        (Flip, {"probability": 1.1}, "probability=1.1: must be from 0 to 1"),
        (Noise, {"std": -1}, "std=-1: must be at least 0"),
        (RandomBlur, {"low": 2}, "low=2, high=1.0: must be 0 <= low <= high"),
    ],
)
def test_wrong_settings_are_refused(transform, arguments, message):
    with pytest.raises(ValueError, match=message):
        transform(**arguments)
