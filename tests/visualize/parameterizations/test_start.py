"""The starts of renders: noise, the mean image, given images."""

import pytest
import torch

from featevo.visualize import Fourier, Pixels
from featevo.visualize.parameterizations.start import starts
from featevo.visualize.streams import stream

SHAPE = (3, 8, 9)
EXAMPLES = torch.rand(5, *SHAPE, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25


def begin(start, units=(4, 7), copies=2, space=None, examples=None):
    return starts(start, space or Pixels().space(SHAPE, None), SHAPE, units, copies, 3, examples)


def test_noise_is_each_units_and_copys_own():
    space = Fourier().space(SHAPE, None)
    found = begin("noise", space=space)
    for row, (unit, copy) in enumerate([(4, 0), (4, 1), (7, 0), (7, 1)]):
        assert torch.equal(found[row], space.noise(stream(3, unit, copy)))
    assert torch.equal(begin("noise", units=(7,), space=space), found[2:])


def test_the_mean_has_faint_noise():
    found = begin("mean", units=range(50), copies=1, examples=EXAMPLES)
    assert torch.allclose(found.mean(0), EXAMPLES.mean(0), atol=0.05)
    assert float((found - EXAMPLES.mean(0)).std()) == pytest.approx(0.05, rel=0.1)


def test_images_are_given_for_all_or_one_by_one():
    one, each = torch.rand(SHAPE), torch.rand(2, *SHAPE)
    assert torch.equal(begin(one), one.expand(4, *SHAPE))
    assert torch.equal(begin(each), each[[0, 0, 1, 1]])
    space = Fourier().space(SHAPE, None)
    inside = each * 0.9 + 0.05
    assert torch.allclose(space.decode(begin(inside, space=space)), inside[[0, 0, 1, 1]], atol=1e-5)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("grey", "start='grey': use one of noise, mean, or images"),
        (torch.rand(3, *SHAPE), r"start of shape \(3, 3, 8, 9\): give \(3, 8, 9\), or \(2, 3, 8, 9\)"),
        (torch.rand(8, 9), "start of shape"),
        (torch.full(SHAPE, 200.0), "start: images are floating point from 0 to 1, these are 200 to 200"),
        (torch.full(SHAPE, 128, dtype=torch.uint8), "start: images are floating point from 0 to 1, these are 128 to"),
        ("mean", "start=mean uses the statistics of images"),
    ],
)
def test_wrong_starts_are_named(start, message):
    with pytest.raises(ValueError, match=message):
        begin(start)


def test_each_unit_and_copy_has_its_own_noise_on_the_mean():
    found = begin("mean", examples=EXAMPLES)
    for row, (unit, copy) in enumerate([(4, 0), (4, 1), (7, 0), (7, 1)]):
        noise = torch.randn(SHAPE, generator=stream(3, unit, copy))
        assert torch.allclose(found[row], (EXAMPLES.mean(0) + 0.05 * noise).clamp(0, 1), atol=1e-6)
