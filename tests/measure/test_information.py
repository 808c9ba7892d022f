"""Usable information against scikit-learn's ridge regression with each image left out in turn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from featevo.measure.information import LEAST, RIDGES, Depth, Information, usable
from featevo.measure.layer_change import centred_gram
from featevo.measure.subject import Real, Subject


def data(signal, number=45, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(3).repeat(number // 3)
    features = torch.randn(number, 20, generator=generator, dtype=torch.float64)
    features[:, :3] += signal * torch.nn.functional.one_hot(labels)
    return features, labels


@pytest.mark.parametrize("signal", [0.0, 1.0, 3.0])
def test_the_share_is_that_of_scikit_learn(signal):
    features, labels = data(signal)
    targets = torch.nn.functional.one_hot(labels).double().numpy()
    gram = centred_gram(features)
    scale = float(torch.linalg.eigvalsh(gram).clamp_min(0).mean())
    number, baseline = len(labels), targets - targets.mean(0)
    total = ((baseline * number / (number - 1)) ** 2).sum()
    expected = [0.0]
    for ridge in RIDGES:
        predicted = cross_val_predict(Ridge(alpha=ridge * scale), features.numpy(), targets, cv=LeaveOneOut())
        expected.append(1 - ((targets - predicted) ** 2).sum() / total)
    assert usable(gram, labels) == pytest.approx(max(expected), abs=0.02)


def test_shuffled_labels_have_none():
    features, labels = data(3.0, number=120)
    assert usable(centred_gram(features), labels) > 0.6
    orders = [labels[torch.randperm(120, generator=torch.Generator().manual_seed(seed))] for seed in range(20)]
    assert np.mean([usable(centred_gram(features), order) for order in orders]) < 0.02
    assert usable(torch.zeros(120, 120), labels) == 0


def of_layers(layers, labels):
    """A subject whose layers have these outputs (N, D) for N real images, in whatever order it asks for them."""
    number = len(labels)
    images = (torch.arange(number) / number).view(-1, 1, 1, 1).expand(-1, 3, 8, 8)

    def grams(shown):
        order = (shown[:, 0, 0, 0] * number).round().long()
        return {f"layer {place}": centred_gram(features[order]) for place, features in enumerate(layers)}

    return Subject(images[:3], None, real=Real(images, images, labels), grams=grams)


def test_parts_are_thirds_of_the_layers_in_their_order():
    features, labels = data(3.0, number=60)
    other, _ = data(0.0, number=60, seed=1)
    subject = of_layers([other] * 4 + [features] * 2, labels)
    early, middle, late = (float(Information(part)(subject)) for part in ("early", "middle", "late"))  # type: ignore[arg-type]
    assert early < 0.05
    assert late > 0.6
    assert middle == pytest.approx((early + early) / 2, abs=0.06)


def test_without_network_there_is_no_value():
    images = torch.rand(3, 3, 8, 8)
    assert Information("late")(Subject(images, None, real=Real(images, images, torch.arange(3)))) is None
    with pytest.raises(ValueError, match="part=end: allowed are early, middle, late"):
        Information("end")


def seen(*signals):
    """A subject whose layers have these signals."""
    layers = [data(signal, number=60, seed=place)[0] for place, signal in enumerate(signals)]
    return of_layers(layers, data(0, number=60)[1])


def test_depth_is_where_the_information_begins():
    early, late, only_last = (Depth()(seen(*signals)) for signals in ((4, 4, 4, 4), (0, 0, 4, 4), (0, 0, 0, 4)))
    assert early is not None
    assert late is not None
    assert only_last is not None
    assert float(early) == pytest.approx(0, abs=0.1)
    assert float(late) == pytest.approx(0.5, abs=0.1)
    assert float(only_last) == pytest.approx(0.75, abs=0.1)


def test_without_information_there_is_no_depth():
    assert Depth()(seen(0, 0, 0)) is None
    assert LEAST == 0.1
