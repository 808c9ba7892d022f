"""MACO: magnitudes are those of the examples for any phases; compared in float64 with numpy.fft."""

import numpy as np
import pytest
import torch

from featevo.visualize import Maco
from featevo.visualize.parameterizations.colour import colour
from featevo.visualize.parameterizations.maco import mean_magnitude
from featevo.visualize.streams import stream

SIZES = [(12, 12), (11, 12), (12, 11), (9, 15)]


def some(size, channels=3, count=6):
    generator = torch.Generator().manual_seed(0)
    smooth = torch.nn.functional.avg_pool2d(torch.randn(count, channels, *size, generator=generator), 3, 1, 1)
    return torch.sigmoid(1.5 * smooth - 0.5)


def own(size):
    """Frequencies that are their own opposites."""
    mask = np.zeros((size[0], size[1] // 2 + 1), bool)
    for row in {0, size[0] // 2} if size[0] % 2 == 0 else {0}:
        for column in {0, size[1] // 2} if size[1] % 2 == 0 else {0}:
            mask[row, column] = True
    return mask


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_any_phases_give_the_examples_magnitudes(size, channels):
    examples = some(size, channels)
    space = Maco().space((channels, *size), examples)
    axes = colour("examples", (channels, *size), examples)
    expected = np.abs(np.fft.rfft2(axes.channels(examples.double()).numpy())).mean(0)
    phases = space.noise(stream(0, 0)).double()[None]
    image = space.decode(phases)
    with np.errstate(divide="ignore"):
        logits = np.log(image.numpy() / (1 - image.numpy()))
    matrix, mean = axes.mixing.double().numpy(), axes.mean.double().numpy()
    found = np.fft.rfft2(np.einsum("dc,bchw->bdhw", np.linalg.inv(matrix), logits - mean[None, :, None, None]))[0]
    free = ~own(size)
    assert np.allclose(np.abs(found)[:, free], expected[:, free], rtol=1e-3, atol=1e-4)
    assert np.allclose(found[:, 0, 0], 0, atol=1e-3)  # the mean is that of the examples
    assert (np.abs(found) <= expected + 1e-3).all()
    assert not np.allclose(image, space.decode(phases + 1.0), atol=0.01)


@pytest.mark.parametrize("size", SIZES)
def test_an_image_with_those_magnitudes_comes_back(size):
    space = Maco().space((3, *size), some(size))
    image = space.decode(space.noise(stream(0, 1)).double()[None])
    assert image.min() > 0.02
    again = space.decode(space.encode(image))
    # Real frequencies, three of all, keep only the sign of their cosine.
    assert torch.allclose(again, image, atol=0.15)
    assert (again - image).abs().mean() < 0.02


def test_the_mean_magnitude_is_a_mean():
    examples = some((8, 10), count=130)
    axes = colour(None, (3, 8, 10), None)
    expected = np.abs(np.fft.rfft2(torch.logit(examples.double()).numpy())).mean(0)
    assert np.allclose(mean_magnitude(examples.double(), axes), expected, rtol=1e-5)


def test_magnitudes_may_be_given(tmp_path):
    given = torch.rand(3, 8, 5)
    np.save(tmp_path / "magnitude.npy", given.numpy())
    from_file = Maco(str(tmp_path / "magnitude.npy"), colour=None).space((3, 8, 8), None)
    from_tensor = Maco(given, colour="imagenet").space((3, 8, 8), None)
    assert torch.equal(from_file.magnitude, given)
    assert torch.equal(from_tensor.magnitude, given)


def test_gradients_are_those_of_finite_differences():
    space = Maco().space((3, 6, 6), some((6, 6)))
    phases = torch.randn(1, 3, 6, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(space.decode, (phases,))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "uses the statistics of images: give examples"),
        ({"colour": None}, r"MACO \(no magnitude given\) uses the statistics"),
        ({"magnitude": torch.rand(3, 4, 4), "colour": None}, r"magnitude of shape \(3, 4, 4\): .* need \(3, 8, 5\)"),
        ({"magnitude": "/no/such.npy", "colour": None}, "magnitude=/no/such.npy: not a file that numpy.save wrote"),
    ],
)
def test_missing_or_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Maco(**arguments).space((3, 8, 8), None)


def test_a_file_of_something_else_is_named(tmp_path):
    (tmp_path / "x.npy").write_text("no numbers")
    with pytest.raises(ValueError, match=r"x.npy: not a file that numpy.save wrote"):
        Maco(str(tmp_path / "x.npy"), colour=None).space((3, 8, 8), None)


@pytest.mark.parametrize("size", SIZES)
def test_phases_of_a_mirror_symmetric_image_give_the_image(size):
    """Its spectrum has negative numbers, which rounding puts at pi or -pi: both of a pair at pi would cancel."""
    image = some(size, count=1).double()
    image = (image + image.flip(2).roll(1, 2)) / 2
    channels = torch.fft.rfft2(torch.logit(image))
    space = Maco(channels[0].abs(), colour=None).space((3, *size), None)
    found = torch.fft.rfft2(torch.logit(space.decode(space.encode(image))))
    found[..., 0, 0] = channels[..., 0, 0]  # the mean is not the image's
    assert torch.allclose(found, channels, rtol=0, atol=1e-4)


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "x.npy").touch()
    with pytest.raises(ValueError, match=r"x.npy: not a file that numpy.save wrote"):
        Maco(str(tmp_path / "x.npy"), colour=None).space((3, 8, 8), None)
