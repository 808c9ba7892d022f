"""Diversity and alignment against numpy in float64, and that they couple only copies of one unit."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import Alignment, Channel, Diversity, Jitter, Regularizer, maximize
from featevo.visualize.layers import Seen, watched


@pytest.fixture
def net():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 5, 3), nn.ReLU(inplace=True))
    return layers.double()


def seen(units, copies, samples, shape=(4, 3, 2)):
    generator = torch.Generator().manual_seed(0)
    features = torch.rand(units * copies * samples, *shape, dtype=torch.float64, generator=generator)
    return Seen(None, {"x": features}, copies, samples), features.numpy().reshape(units, copies, samples, *shape)


def diversity(features, unit, copy, sample):
    def style(other):
        flat = features[unit, other, sample].reshape(features.shape[3], -1)
        return (flat @ flat.T).ravel()

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    others = [other for other in range(features.shape[1]) if other != copy]
    return -np.mean([cosine(style(copy), style(other)) for other in others])


def alignment(features, unit, copy, sample, decay=2.0):
    one = features[unit, :, sample]
    return -sum(np.square(one[copy] - one[o]).mean() * decay ** -abs(copy - o) for o in range(len(one)))


@pytest.mark.parametrize(("units", "copies", "samples"), [(1, 2, 1), (3, 2, 1), (1, 4, 1), (2, 3, 4)])
@pytest.mark.parametrize("shape", [(4, 3, 2), (7,)])
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Diversity("x"), diversity),
        (Alignment("x"), alignment),
        (Alignment("x", 3.0), partial(alignment, decay=3.0)),
    ],
)
def test_values_are_numpys_in_the_order_of_the_rows(term, expected, units, copies, samples, shape):
    shown, features = seen(units, copies, samples, shape)
    rows = torch.arange(units).repeat_interleave(copies * samples)
    places = [(u, c, v) for u in range(units) for c in range(copies) for v in range(samples)]
    values = term(shown, rows).numpy()
    assert np.allclose(values, [expected(features, *place) for place in places], rtol=1e-12)
    assert (values < 0).all()


def test_equal_copies_have_the_extreme_value_and_dead_ones_no_nan():
    for features in (torch.rand(1, 4, 3, 3).expand(3, 4, 3, 3), torch.zeros(3, 4, 3, 3)):
        shown = Seen(None, {"x": features.clone().requires_grad_(True)}, copies=3)
        assert torch.allclose(Alignment("x")(shown, torch.zeros(3)), torch.zeros(3))
        values = Diversity("x")(shown, torch.zeros(3))
        assert torch.allclose(values, -torch.ones(3) if features.any() else torch.zeros(3))
        (slope,) = torch.autograd.grad(values.sum(), shown["x"])
        assert slope.isfinite().all()


class Tokens(nn.Module):
    """A token a pixel, five wide."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 5)

    def forward(self, images):
        return self.linear(images.flatten(2).transpose(1, 2))


def test_the_style_of_tokens_uses_their_width():
    net = Tokens().double()
    images = torch.rand(3, 3, 2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with watched(net, ["linear"]) as layers, torch.no_grad():
        output = net(images)
    values = Diversity("linear")(Seen(None, layers, copies=3), torch.zeros(3)).numpy()
    features = output.transpose(1, 2).numpy()[None, :, None]  # (unit, copy, sample, C, tokens)
    assert np.allclose(values, [diversity(features, 0, copy, 0) for copy in range(3)], rtol=1e-9)


@pytest.mark.parametrize("term", [Diversity("2"), Alignment("2")], ids=repr)
def test_one_copy_is_refused(net, term):
    with pytest.raises(ValueError, match=r"2.*\) compares the images of one unit: use copies=2 or more"):
        maximize(net, Channel("2", [0]) + term, image_size=8, steps=1)


def likeness(net, weight, term):
    """The term's value for the finished images, for any weight during rendering."""
    settings: dict[str, Any] = {
        "image_size": 10,
        "steps": 30,
        "copies": 3,
        "regularizer": Regularizer(),
        "step_size": 0.02,
    }
    renders = maximize(net, Channel("2", [1]) + weight * term, **settings)
    with torch.no_grad():
        features = net(torch.stack([render.image for render in renders]).double())
    return float(term(Seen(None, {"2": features}, copies=3), torch.zeros(3)).mean())


@pytest.mark.parametrize("term", [Diversity("2"), Alignment("2")], ids=repr)
def test_moves_the_copies_in_its_direction(net, term):
    without, with_it = likeness(net, 0.0, term), likeness(net, 20.0, term)
    assert with_it > without + 0.05 * abs(without)


@pytest.mark.parametrize("term", [Diversity("2"), Alignment("2")], ids=repr)
@pytest.mark.parametrize("transforms", [{}, {"jitter": Jitter(0.2)}])
@pytest.mark.parametrize("chunk_size", [None, 2])
def test_couples_only_copies_of_the_same_unit(net, term, transforms, chunk_size):
    settings: dict[str, Any] = {"image_size": 10, "steps": 6, "copies": 2, "chunk_size": chunk_size}
    settings["regularizer"] = Regularizer(transforms=transforms, samples=2)
    alone = maximize(net, Channel("2", [3]) + 5.0 * term, **settings)
    together = maximize(net, Channel("2", [1, 3, 0]) + 5.0 * term, **settings)
    uncoupled = maximize(net, Channel("2", [3]), **settings)
    for one, other, free in zip(alone, together[2:4], uncoupled, strict=True):
        assert (one.unit, one.copy) == (other.unit, other.copy)
        assert torch.allclose(one.image, other.image, rtol=0, atol=1e-6)
        assert np.allclose(one.trace, other.trace, rtol=1e-9)
        assert not torch.allclose(one.image, free.image, atol=1e-3)
