"""The judge's linear layer: against scikit-learn, deterministic, and refused where it does not know the classes."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from featevo.data.scenes import CLASSES, Scenes
from featevo.measure.judge import judge
from featevo.measure.probe import DECAY, Probe


def real(split, count):
    drawn = Scenes(CLASSES, count // len(CLASSES), 64, 0, split)
    found = [drawn[index] for index in range(count)]
    return torch.stack([picture for picture, _ in found]).float() / 255, torch.tensor([label for _, label in found])


@pytest.fixture(scope="module")
def probe():
    pictures, labels = real("train", 80)
    return Probe(judge().calibrated(pictures), pictures, labels, CLASSES)


def test_it_knows_real_pictures_it_has_not_seen(probe):
    assert probe.test(*real("val", 40)) >= 0.75
    assert probe.refusal is None


def test_the_fit_is_that_of_scikit_learn(probe):
    pictures, labels = real("train", 80)
    features = probe.embed(pictures).numpy()
    np.testing.assert_allclose(features.mean(0), 0, atol=1e-9)
    reference = LogisticRegression(C=1 / (DECAY * len(labels)), tol=1e-10, max_iter=5000).fit(features, labels)
    shown, _ = real("val", 20)
    expected = reference.predict_proba(probe.embed(shown).numpy())
    np.testing.assert_allclose(probe(shown).numpy(), expected, atol=2e-3)


def test_it_is_the_same_each_time(probe):
    pictures, labels = real("train", 80)
    again = Probe(judge().calibrated(pictures), pictures, labels, CLASSES)
    assert torch.equal(again(pictures[:8]), probe(pictures[:8]))


def test_who_does_not_know_the_classes_is_refused():
    pictures, labels = real("train", 40)
    shuffled = labels[torch.randperm(40, generator=torch.Generator().manual_seed(3))]
    guessing = Probe(judge().calibrated(pictures), pictures, shuffled, CLASSES)
    guessing.test(*real("val", 40))
    assert "of real validation pictures, 62 % are needed" in (guessing.refusal or "")
