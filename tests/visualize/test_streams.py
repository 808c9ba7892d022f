"""Random streams: reproducible, independent, one per image, and separate from torch's global stream."""

from itertools import combinations, product

import numpy as np
import pytest
import torch

from featevo.visualize import Streams
from featevo.visualize.streams import START, TRANSFORMS, stream

DRAWS = {
    "uniform": lambda streams: streams.uniform(-2, 3, (2, 3)),
    "normal": lambda streams: streams.normal((2, 3)),
    "integers": lambda streams: streams.integers(100, (2, 3)),
    "uniform number": lambda streams: streams.uniform(-2, 3),
    "normal number": lambda streams: streams.normal(),
    "integer": lambda streams: streams.integers(100),
}
EACH = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


def streams(units, samples=1):
    return Streams([stream(0, unit) for unit in units], samples)


def test_streams_of_different_keys_differ_and_of_equal_keys_do_not():
    keys = list(product((0, 1, 2**31, -1), (0, 1, 999), (0, 1), (START, TRANSFORMS)))
    numbers = [torch.rand(4, generator=stream(*key)) for key in keys]
    for key, own in zip(keys, numbers, strict=True):
        assert torch.equal(torch.rand(4, generator=stream(*key)), own)
    for one, other in combinations(numbers, 2):
        assert not (one == other).any()


def test_streams_differ_in_the_32_bits_that_the_generator_uses():
    assert torch.equal(
        torch.rand(4, generator=torch.Generator().manual_seed(2**32 + 7)),
        torch.rand(4, generator=torch.Generator().manual_seed(7)),
    )
    keys = product(range(0, 10, 3), range(0, 1000, 41), range(0, 64, 7), (START, TRANSFORMS))
    kept = [stream(*key).initial_seed() % 2**32 for key in keys]
    assert len(set(kept)) == len(kept)


def test_neighbouring_streams_are_unrelated():
    first = np.array([torch.rand(2, generator=stream(0, unit)).tolist() for unit in range(2000)])
    assert np.allclose(first.mean(0), 0.5, atol=0.03)
    assert np.allclose(first.std(0), 12**-0.5, atol=0.015)
    assert abs(np.corrcoef(first[1:, 0], first[:-1, 0])[0, 1]) < 0.08


@EACH
@pytest.mark.parametrize("samples", [1, 3])
def test_each_image_draws_from_its_own_stream(draw, samples):
    units = [4, 0, 7]
    together = streams(units, samples)
    twice = [draw(together), draw(together)]
    for place, unit in enumerate(units):
        alone, rows = streams([unit], samples), slice(place * samples, (place + 1) * samples)
        assert torch.equal(draw(alone), twice[0][rows])
        assert torch.equal(draw(alone), twice[1][rows])
    assert len(twice[0]) == 3 * samples
    assert len(torch.cat(twice).unique(dim=0)) > 3 * samples  # samples, images and draws differ


def test_draws_are_the_generators_own():
    generator, own = stream(0, 5), streams([5])
    assert torch.equal(own.uniform(0, 1, (3,))[0], torch.rand(3, generator=generator))
    assert torch.equal(own.normal((3,))[0], torch.randn(3, generator=generator))


def test_ranges():
    many = streams([3], samples=2000)
    numbers = many.uniform(-2, 3)
    assert numbers.dtype == torch.float32
    assert numbers.shape == (2000,)
    assert -2 <= numbers.min() < -1.95
    assert 2.95 < numbers.max() <= 3
    assert many.integers(2).unique().tolist() == [0, 1, 2]
    assert many.integers(0).unique().tolist() == [0]
    assert many.normal().std().item() == pytest.approx(1, abs=0.06)
    assert torch.equal(many.uniform(0.7, 0.7), torch.full((2000,), 0.7))


@EACH
def test_returns_to_an_earlier_state(draw):
    own = streams([1, 2])
    draw(own)
    state = own.state()
    once, again = draw(own), draw(own)
    own.restore(state)
    assert torch.equal(draw(own), once)
    assert torch.equal(draw(own), again)
    with pytest.raises(ValueError, match="shorter"):
        own.restore(state[:1])


@EACH
def test_the_global_stream_does_not_change(draw):
    before = torch.get_rng_state()
    draw(streams([0, 1], samples=2))
    assert torch.equal(torch.get_rng_state(), before)
