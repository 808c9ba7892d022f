"""Similarity of layers: against independent computations, its invariances, and networks of which a part changes."""

import copy

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import linear_kernel
from sklearn.preprocessing import KernelCenterer
from torch import nn

from featevo.measure.layer_change import LAYERS, centred_gram, changes, cka, grams, linear_cka


@pytest.fixture
def random():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 5, 3),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(320, 3),
    )


def by_features(one, other):
    """Equation 3 as it stands, with the matrices of features, not of images."""
    x, y = (features.numpy().astype(np.float64) for features in (one, other))
    x, y = x - x.mean(0), y - y.mean(0)
    across = np.linalg.norm(y.T @ x, "fro") ** 2
    return across / (np.linalg.norm(x.T @ x, "fro") * np.linalg.norm(y.T @ y, "fro"))


def by_kernels(one, other):
    """HSIC of kernels that scikit-learn computes and centres."""
    kernels = [KernelCenterer().fit_transform(linear_kernel(features.double().numpy())) for features in (one, other)]
    return np.sum(kernels[0] * kernels[1]) / np.prod([np.sqrt(np.trace(kernel @ kernel)) for kernel in kernels])


def test_it_is_that_of_independent_computations(random):
    one, noise = torch.randn(40, 9, generator=random) + 2, torch.randn(40, 13, generator=random)
    for mixed in (0.0, 0.3, 3.0):
        other = torch.cat([one * mixed, noise[:, :4]], 1)
        assert linear_cka(one, other) == pytest.approx(by_features(one, other), abs=1e-9)
        assert linear_cka(one, other) == pytest.approx(by_kernels(one, other), abs=1e-9)
        in_float32 = float(cka(centred_gram(one), centred_gram(other)))
        assert in_float32 == pytest.approx(by_features(one, other), abs=1e-5)


def test_rotation_scale_and_shift_do_not_matter_but_other_maps_do(random):
    features = torch.randn(30, 6, generator=random).double()
    rotation = torch.linalg.qr(torch.randn(6, 6, generator=random).double())[0]
    assert linear_cka(features, 7 * features @ rotation + 3) == pytest.approx(1, abs=1e-12)
    stretched = features * torch.tensor([10.0, 1, 1, 1, 1, 1])
    assert linear_cka(features, stretched) < 0.9


def test_features_without_variance_have_no_similarity(random):
    assert np.isnan(linear_cka(torch.ones(5, 3), torch.rand(5, 3, generator=random)))


def test_gram_matrices_are_those_of_the_layers_outputs(net, random):
    images = torch.rand(7, 3, 12, 12, generator=random)
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.2)
    found = grams(net, images, mean, std)
    net.eval()
    with torch.no_grad():
        shown = (images - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
        first = net[0](shown)
        second = net[3](net[1](first).relu())
        logits = net[7](second.relu().flatten(1))
    assert list(found) == ["0", "3", "7"]
    for gram, output in zip(found.values(), (first, second, logits), strict=True):
        expected = KernelCenterer().fit_transform(linear_kernel(output.flatten(1).double().numpy()))
        assert gram.dtype == torch.float32
        assert gram.numpy() == pytest.approx(expected, abs=1e-3 * np.abs(expected).max())


def test_equal_weights_are_equal_and_only_changed_layers_change(net, random):
    images, before = torch.rand(9, 3, 12, 12, generator=random), copy.deepcopy(net)
    with torch.no_grad():
        net[7].weight.copy_(torch.randn(3, 320, generator=random))
    found = changes([grams(before, images), grams(before, images), grams(net, images)])
    assert found["layers"] == ["0", "3", "7"]
    assert found["to_end"][:2] == [[1, 1, 1]] * 2
    assert found["to_previous"][:2] == [[None, 1, 1]] * 2
    first, second, last = found["to_end"][2]
    assert first == second < 0.99
    assert last == 1
    assert found["to_previous"][2] == [None, 1, first]


def test_the_network_stays_as_it_is(net, random):
    net[3].weight.requires_grad_(False)
    net[0].eval()
    modes = [module.training for module in net.modules()]
    state = {name: value.clone() for name, value in net.state_dict().items()}
    stream = torch.get_rng_state()
    grams(net, torch.rand(4, 3, 12, 12, generator=random))
    assert [module.training for module in net.modules()] == modes
    assert [parameter.requires_grad for parameter in net[3].parameters()] == [False, True]
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert torch.equal(torch.get_rng_state(), stream)
    assert not any(module._forward_hooks for module in net.modules())


class Odd(nn.Module):
    """Layers in another order than their names, one without use, one with windows as its first axis."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(8, 2)
        self.unused = nn.Linear(8, 2)
        self.windows = nn.Linear(4, 4)
        self.first = nn.Conv2d(3, 2, 1)

    def forward(self, images):
        found = self.first(images)
        return self.last(self.windows(found.reshape(-1, 4)).reshape(len(images), -1))


def test_layers_have_the_order_of_the_forward_pass_and_names_without_prefix(random):
    images = torch.rand(5, 3, 2, 2, generator=random)
    assert list(grams(Odd(), images)) == ["first", "last"]
    assert list(grams(nn.ModuleDict({"net": Odd()})["net"], images)) == ["first", "last"]

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Odd()

        def forward(self, images):
            return self.net(images)

    assert list(grams(Wrapped(), images)) == ["first", "last"]


def test_a_plain_stack_has_the_names_of_the_literature(random):
    stack = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 2, 3))
    net = nn.Sequential()
    net.add_module("features", stack)
    assert list(grams(net, torch.rand(4, 3, 12, 12, generator=random))) == ["conv1_1", "conv2_1"]


def test_of_many_layers_spread_ones_are_kept(random):
    net = nn.Sequential(nn.Flatten(), *(nn.Linear(12, 12) for _ in range(60)))
    names = list(grams(net, torch.rand(4, 3, 2, 2, generator=random)))
    assert len(names) == LAYERS
    assert (names[0], names[-1]) == ("1", "60")


def test_moments_that_cannot_be_compared_are_none(random):
    small, large = (centred_gram(torch.rand(n, 3, generator=random)) for n in (4, 5))
    found = changes([{"a": large}, {}, {"a": small, "b": torch.zeros(4, 4)}, {"a": small, "b": torch.zeros(4, 4)}])
    assert found["layers"] == ["a", "b"]
    assert found["to_end"] == [[None, None, 1, 1], [None] * 4]
    assert found["to_previous"] == [[None, None, None, 1], [None] * 4]
    assert changes([]) == {"layers": [], "to_previous": [], "to_end": []}
