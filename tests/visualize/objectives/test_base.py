"""Class objectives and sums of objectives against numpy in float64."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from featevo.visualize import (
    Channel,
    ClassLogit,
    DeepDream,
    DistributionMatch,
    Diversity,
    LogProbability,
    Neuron,
    Objective,
    maximize,
)
from featevo.visualize.layers import Seen, watched
from featevo.visualize.objectives import Sum

ROWS = torch.tensor([1, 0, 1, 2])


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(6 * 36, 5)).double()


@pytest.fixture
def images():
    return torch.rand(4, 3, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def look(net, images, objective, rows=ROWS):
    with watched(net, objective.layers) as layers, torch.no_grad():
        return objective(Seen(net(images), layers), rows).numpy()


def logits_of(net, images):
    inner = net[0](images).detach().numpy()
    flat = np.maximum(inner, 0).reshape(len(images), -1)
    return inner, flat @ net[3].weight.detach().numpy().T + net[3].bias.detach().numpy()


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


UNITS = [4, 0, 2]
WANTED = np.array(UNITS)[ROWS.numpy()]


def test_logit_and_log_probability_are_those_of_each_images_class(net, images):
    _, logits = logits_of(net, images)
    assert np.allclose(look(net, images, ClassLogit(UNITS)), logits[range(4), WANTED], rtol=1e-12)
    assert np.allclose(look(net, images, LogProbability(UNITS)), log_softmax(logits)[range(4), WANTED], rtol=1e-12)


def test_log_probabilities_of_large_logits_stay_finite():
    logits = torch.tensor([[1000.0, 0.0, -1000.0]])
    values = [float(LogProbability([unit])(Seen(logits, {}), torch.tensor([0]))) for unit in range(3)]
    assert values == [0, -1000, -2000]


def test_terms_add_up_with_their_weights_also_nested(net, images):
    inner, logits = logits_of(net, images)
    logit, log_probability = logits[range(4), WANTED], log_softmax(logits)[range(4), WANTED]
    channel, dream = inner[range(4), WANTED].mean((1, 2)), np.square(np.maximum(inner, 0)).mean((1, 2, 3))
    a, b, c = ClassLogit(UNITS), LogProbability(UNITS), Channel("0", UNITS)
    for objective, expected in [
        (a + b, logit + log_probability),
        (a - 0.5 * b, logit - 0.5 * log_probability),
        (-a, -logit),
        (a * 3, 3 * logit),
        (2 * (a - 0.25 * (b + 4 * c)) - (-c), 2 * logit - 0.5 * log_probability - channel),
        (Sum([(2.0, a), (-1.0, Sum([(3.0, b), (1.0, a)]))]), logit - 3 * log_probability),
    ]:
        assert np.allclose(look(net, images, objective), expected, rtol=1e-11, atol=1e-12)
    zero = torch.zeros(4, dtype=torch.int64)
    alone = look(net, images, Channel("0", [3]) + 2 * DeepDream("1"), zero)
    assert np.allclose(alone, inner[:, 3].mean((1, 2)) + 2 * dream, rtol=1e-11)


def test_a_sum_has_the_units_layers_and_classes_of_its_terms():
    objective = Diversity("1") + 2 * Channel("0", [5, 1]) + ClassLogit([3, 4])
    assert (objective.units, objective.layers, objective.classes) == ((5, 1), {"0", "1"}, (3, 4))
    assert (Channel("0", [1]) + DeepDream("0")).classes is None
    assert repr(objective) == "1 * Diversity(1) + 2 * Channel(0) + 1 * ClassLogit"


def test_a_sum_does_not_change_its_terms(net, images):
    first, second = ClassLogit(UNITS) + LogProbability(UNITS), Channel("0", UNITS)
    before = look(net, images, first)
    assert len(Sum([(1.0, first), (1.0, second)]).terms) == 3
    assert np.array_equal(look(net, images, first), before)


@pytest.mark.parametrize("other", [LogProbability([0, 1, 2]), Channel("0", [1]), DeepDream("0"), Neuron("0", range(4))])
def test_a_sum_needs_terms_with_as_many_units(other):
    with pytest.raises(ValueError, match=r"the terms of a sum have different numbers of units: \["):
        ClassLogit([0, 1]) + other


@pytest.mark.parametrize("kind", [ClassLogit, LogProbability])
@pytest.mark.parametrize("units", [[], [-1], [2, -3]])
def test_classes_count_from_zero(kind, units):
    with pytest.raises(ValueError, match=r"units=\[.*\]: name at least one class index, counted from 0"):
        kind(units)


@pytest.mark.parametrize("units", [0, "12", ["cat"], None, torch.tensor(3), [float("inf")]])
def test_units_are_a_list_of_whole_numbers(units):
    kinds: list[tuple[Callable[..., Objective], str]] = [
        (ClassLogit, "class"),
        (LogProbability, "class"),
        (partial(Channel, "0"), "channel"),
        (partial(Neuron, "0"), "channel"),
        (partial(DistributionMatch, targets={}), "unit"),
    ]
    for make, what in kinds:
        line = f"units={units!r}: must be a list of {what} indices, such as [0]"
        with pytest.raises(ValueError, match=f"^{re.escape(line)}$"):
            make(units)


@pytest.mark.parametrize("units", [(2, 0), {2: "", 0: ""}, np.array([2, 0]), torch.tensor([2, 0]), range(2, -1, -2)])
def test_any_list_will_do(units):
    assert ClassLogit(units).units == (2, 0)


@pytest.mark.parametrize("kind", [ClassLogit, LogProbability])
def test_a_class_that_does_not_exist_is_named(net, images, kind):
    look(net, images, kind([0, 1, 4]))
    with pytest.raises(ValueError, match="unit 5 does not exist: the model has classes 0 to 4"):
        look(net, images, kind([0, 1, 5]))


def test_terms_without_units_are_refused(net):
    with pytest.raises(ValueError, match=r"2 \* Diversity\(0\) has no units; add it to an objective with units"):
        maximize(net, 2 * Diversity("0"), image_size=8, copies=2)


@pytest.mark.parametrize("output", [torch.zeros(2, 5, 1), torch.zeros(3, 5), [torch.zeros(2, 5)]])
def test_class_objectives_need_logits(output):
    with pytest.raises(ValueError, match=r"the model returns (\(.*\)|list) for 2 images, not \(2, classes\)"):
        ClassLogit([0, 1])(Seen(output, {}), torch.tensor([0, 1]))
