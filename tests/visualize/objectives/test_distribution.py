"""Distribution matching against numpy, finite differences, and as an ascent."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import ClassLogit, DistributionMatch, Regularizer, TorchOptimizer, maximize
from featevo.visualize.layers import Seen, watched
from featevo.visualize.objectives import distribution

ROWS = torch.tensor([1, 0, 1])
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


@pytest.fixture
def net():
    torch.manual_seed(0)
    head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 8)]
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 4, 3, stride=2), *head).double()


def some(count, seed, size=8):
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed))


PICTURES = {5: some(4, 1), 2: some(3, 2)}


def look(net, images, objective, rows=ROWS):
    mean, std = (images.new_tensor(values).view(1, -1, 1, 1) for values in (MEAN, STD))
    with watched(net, objective.layers) as layers:
        return objective(Seen(net((images - mean) / std), layers), rows)


def by_hand(net, images):
    """The sorted activations (B, C, P) of the two convolutions, without hooks, sorted by numpy."""
    images = (images.double().numpy() - np.array(MEAN)[:, None, None]) / np.array(STD)[:, None, None]
    with torch.no_grad():
        first = net[0](torch.tensor(images))
        both = first, net[2](first.clamp_min(0))
    return [np.sort(each.numpy().reshape(*each.shape[:2], -1), axis=2) for each in both]


@pytest.mark.parametrize("weights", [None, (0.5, 3.0)])
def test_it_is_minus_the_weighted_mean_square_difference_of_sorted_activations(net, weights, monkeypatch):
    monkeypatch.setattr(distribution, "AT_ONCE", 3)  # the pictures of unit 5 in two forward passes
    images = some(3, 3).double()
    targets = [[each.mean(0) for each in by_hand(net, pictures)] for pictures in PICTURES.values()]
    expected = [
        -sum(
            weight * np.square(features[place] - target).mean()
            for weight, features, target in zip(weights or (1, 1), by_hand(net, images), targets[row], strict=True)
        )
        for place, row in enumerate(ROWS.tolist())
    ]
    match = DistributionMatch.of(net, ["0", "2"], PICTURES, MEAN, STD, weights)
    assert match.units == (5, 2)
    assert np.allclose(look(net, images, match).detach().numpy(), expected, rtol=1e-10)
    assert max(expected) < -1e-3


def test_places_do_not_count(net):
    """Of a layer of single pixels, any permutation of an image's pixels has the value of the image itself, 0."""
    point = nn.Sequential(nn.Conv2d(3, 6, 1), *net[1:]).double()
    pictures = some(1, 1)
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    shuffled = pictures.flatten(2)[:, :, order].view(1, 3, 8, 8)
    match = DistributionMatch.of(point, ["0"], {0: pictures}, MEAN, STD)
    value = look(point, shuffled.double(), match, torch.tensor([0]))
    assert value.item() == pytest.approx(0, abs=1e-28)
    assert look(point, 1 - shuffled.double(), match, torch.tensor([0])).item() < -0.01


def test_the_gradient_is_that_of_finite_differences(net):
    match = DistributionMatch.of(net, ["0", "2"], PICTURES, MEAN, STD)
    images = some(1, 4).double().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda x: look(net, x, match, torch.tensor([1])), (images,))


def test_a_layer_of_neurons_has_one_position(net):
    match = DistributionMatch.of(net, ["5"], PICTURES)
    assert match.targets["5"].shape == (2, 8, 1)
    with torch.no_grad():
        assert torch.allclose(match.targets["5"][1, :, 0], net(PICTURES[2].double()).mean(0))


def test_images_become_like_the_pictures(net):
    """Alone and together with a logit, whose classes then give the renders' logits."""
    match = DistributionMatch.of(net, ["0", "2"], PICTURES)
    settings: dict[str, Any] = {"image_size": 8, "steps": 300, "regularizer": "none", "step_size": 0.01}
    renders = maximize(net, match, **settings)
    assert [render.unit for render in renders] == [5, 2]
    for render in renders:
        assert render.logit is None
        assert render.value > 0.2 * render.trace[0]
    both = match + 0.05 * ClassLogit([5, 2])
    drawn = maximize(net, both, **settings)
    for render, alone in zip(drawn, renders, strict=True):
        logit = net(alone.image[None].double())[0, render.unit]
        assert render.logit > logit
    assert repr(both) == "1 * DistributionMatch(0: 1, 2: 1) + 0.05 * ClassLogit"


def test_an_image_depends_on_its_own_unit_alone(net):
    optimizer = TorchOptimizer("Adam", 0.05)
    settings: dict[str, Any] = {"image_size": 8, "steps": 10, "regularizer": Regularizer(optimizer=optimizer)}
    together = maximize(net, DistributionMatch.of(net, ["0", "2"], PICTURES), **settings)
    (alone,) = maximize(net, DistributionMatch.of(net, ["0", "2"], {2: PICTURES[2]}), **settings)
    assert torch.allclose(together[1].image, alone.image, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "pictures", "weights", "message"),
    [
        ([], PICTURES, None, r"layers=\[\]: name at least one"),
        (["0", "0"], PICTURES, None, "each once"),
        (["0"], PICTURES, [1, 2], "give one for each of 1 layers"),
        (["0"], PICTURES, [-1], "weights=-1: must be above 0"),
        (["0"], {}, None, "units="),
        (["0"], {3: torch.rand(3, 8, 8)}, None, r"pictures of unit 3: shape \(3, 8, 8\), not \(N, C, H, W\)"),
        (["0"], {3: torch.rand(0, 3, 8, 8)}, None, "pictures of unit 3"),
        (["0"], {3: 255 * torch.rand(2, 3, 8, 8)}, None, "pictures of unit 3: images are floating point from 0 to 1"),
        (["conv9"], PICTURES, None, "layer='conv9' does not exist"),
    ],
)
def test_bad_input_is_one_clear_line(net, layers, pictures, weights, message):
    with pytest.raises(ValueError, match=message):
        DistributionMatch.of(net, layers, pictures, weights=weights)


def test_targets_of_another_number_of_units_are_an_error():
    with pytest.raises(ValueError, match=r"targets of 0: shape \(3, 2, 4\), not \(2, channels, positions\)"):
        DistributionMatch([0, 1], {"0": torch.zeros(3, 2, 4)})


def test_pictures_of_another_size_are_an_error(net):
    match = DistributionMatch.of(net, ["0"], {0: some(2, 1, size=10)})
    with pytest.raises(ValueError, match=r"0 has \(6, 36\) channels and positions, with the pictures it had \(6, 64\)"):
        maximize(net, match, image_size=8, steps=1)
