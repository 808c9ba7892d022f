"""The term of feature accentuation against numpy, and an accentuation as in the documentation."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import (
    Channel,
    ClassLogit,
    Crop,
    Fourier,
    Jitter,
    Likeness,
    Noise,
    Regularizer,
    Rotate,
    TorchOptimizer,
    Transform,
    maximize,
)
from featevo.visualize.layers import Seen, watched

ROWS = torch.tensor([1, 0, 1])
MOVING: dict[str, Transform] = {
    "crop": Crop(0.5, 0.95),
    "rotate": Rotate(20),
    "jitter": Jitter(0.2),
    "noise": Noise(0.05),
}


@pytest.fixture
def net():
    torch.manual_seed(0)
    head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 4)]
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 4, 3, stride=2), *head).double()


def some(count, seed, size=8):
    return 0.1 + 0.8 * torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


def look(net, images, objective, rows=ROWS):
    with watched(net, objective.layers) as of_seeds, torch.no_grad():
        net(objective.seeds.double()[rows])
    with watched(net, objective.layers) as layers:
        return objective(Seen(net(images), layers, seeds=Seen(None, of_seeds)), rows)


def test_it_is_minus_the_mean_distance_over_positions(net):
    seeds, images = some(2, 1), some(3, 2).double()
    with torch.no_grad():
        features, wanted = net[0](images).numpy(), net[0](seeds.double()).numpy()[ROWS.numpy()]
    expected = -np.sqrt(np.square(features - wanted).sum(1)).mean((1, 2))
    values = look(net, images, Likeness("0", seeds)).detach().numpy()
    assert np.allclose(values, expected, rtol=1e-10)
    assert (values < -0.01).all()


def test_the_gradient_is_that_of_finite_differences(net):
    term, images = Likeness("2", some(2, 1)), some(1, 3).double().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: look(net, x, term, torch.tensor([1])), (images,))


@pytest.mark.parametrize("samples", [1, 3])
def test_a_seed_equals_itself_under_any_transform(net, samples):
    """Image and seed get the same random transforms, in every sample; no gradient is NaN where they are equal."""
    seeds = some(2, 1)
    regularizer = Regularizer(transforms=MOVING, samples=samples)
    objective = 0.0 * ClassLogit([0, 3]) + Likeness("2", seeds)
    for seed, render in zip(
        seeds, maximize(net, objective, image_size=8, steps=3, start=seeds, regularizer=regularizer), strict=True
    ):
        assert render.trace == (0, 0, 0)
        assert torch.equal(render.image, seed)


def test_seeds_do_not_change_the_transforms_of_the_images(net):
    """Negative control for the random streams: a weight of 0 gives the images of the objective alone."""
    seeds = some(2, 1)
    settings: dict[str, Any] = {"image_size": 8, "steps": 4, "regularizer": Regularizer(transforms=MOVING, samples=2)}
    plain = maximize(net, ClassLogit([0, 3]), **settings)
    seeded = maximize(net, ClassLogit([0, 3]) + 0.0 * Likeness("2", seeds), **settings)
    for one, other in zip(plain, seeded, strict=True):
        assert torch.equal(one.image, other.image)


def accentuation(samples=2):
    transforms: dict[str, Transform] = {"crop": Crop(0.5, 0.95), "noise": Noise(0.02)}
    return Regularizer(
        parameterization=Fourier(), optimizer=TorchOptimizer("Adam", 0.02), transforms=transforms, samples=samples
    )


def test_an_accentuation_raises_the_unit_and_stays_like_its_seed(net):
    seeds = some(2, 1)
    settings: dict[str, Any] = {"image_size": 8, "steps": 60, "start": seeds, "regularizer": accentuation()}
    free = maximize(net, ClassLogit([0, 3]), **settings)
    bound = maximize(net, ClassLogit([0, 3]) + 1.0 * Likeness("0", seeds), **settings)
    before = net(seeds.double())[[0, 1], [0, 3]]
    for seed, start, without, render in zip(seeds, before, free, bound, strict=True):
        assert (without.logit or 0) > (render.logit or 0) > start
        assert (render.image - seed).norm() < 0.7 * (without.image - seed).norm()


def test_an_image_depends_on_its_own_seed_alone(net):
    seeds = some(2, 1)
    settings: dict[str, Any] = {"image_size": 8, "steps": 8, "regularizer": accentuation()}
    together = maximize(net, ClassLogit([0, 3]) + Likeness("0", seeds), start=seeds, **settings)
    (alone,) = maximize(net, ClassLogit([3]) + Likeness("0", seeds[1:]), start=seeds[1:], **settings)
    copies = maximize(net, ClassLogit([0, 3]) + Likeness("0", seeds), start=seeds, copies=2, chunk_size=2, **settings)
    assert torch.allclose(together[1].image, alone.image, atol=1e-6)
    assert torch.allclose(copies[2].image, alone.image, atol=1e-6)


def test_bad_seeds_are_one_clear_line(net):
    with pytest.raises(ValueError, match=r"seeds of shape \(3, 8, 8\): give \(units, channels, height, width\)"):
        Likeness("0", torch.rand(3, 8, 8))
    with pytest.raises(ValueError, match="seeds: images are floating point from 0 to 1"):
        Likeness("0", 255 * some(1, 0))
    for wrong in (some(1, 0), some(2, 0, size=10)):
        with pytest.raises(ValueError, match=r"seeds of shape .* need \(2, 3, 8, 8\)"):
            maximize(net, ClassLogit([0, 3]) + Likeness("0", wrong), image_size=8, steps=1)
    with pytest.raises(ValueError, match="different seeds"):
        _ = Likeness("0", some(1, 0)) + Likeness("0", some(1, 1))
    with pytest.raises(ValueError, match="has no units; add it to an objective with units"):
        maximize(net, Likeness("0", some(1, 0)), image_size=8, steps=1)
    with pytest.raises(ValueError, match="layer='conv9' does not exist"):
        maximize(net, Channel("0", [0]) + Likeness("conv9", some(1, 0)), image_size=8, steps=1)
