"""Drift in units of seed noise."""

import numpy as np
import pytest
import torch

from featevo.data.scenes import CLASSES
from featevo.measure.judge import judge
from featevo.measure.probe import Probe
from featevo.measure.rungs import scenes
from featevo.measure.stability import Drift, seed_noise
from tests.measure.parts import ask, subject


@pytest.fixture(scope="module")
def probe():
    pictures = scenes(64, 12)
    return Probe(judge().calibrated(pictures), pictures, torch.arange(12) % 4, CLASSES)


def test_drift_is_the_change_over_what_seeds_change(probe):
    pictures = torch.rand(5, 4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    seen = subject(pictures[0], judge=probe, others=pictures[1:4], before=pictures[4])
    features = probe.embed(pictures.flatten(0, 1)).view(5, 4, -1).numpy()
    pairs = [np.linalg.norm(features[i] - features[j], axis=1) for i in range(4) for j in range(i)]
    np.testing.assert_allclose(ask(seed_noise, seen), np.mean(pairs, 0), rtol=1e-6)
    moved = np.linalg.norm(features[0] - features[4], axis=1)
    np.testing.assert_allclose(ask(Drift(), seen), moved / np.mean(pairs, 0), rtol=1e-6)


def test_another_seed_is_a_drift_of_about_one_and_no_change_is_none(probe):
    pictures = torch.rand(4, 4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    of_a_seed, of_nothing = (
        ask(Drift(), subject(pictures[0], judge=probe, others=pictures[1:3], before=pictures[n])) for n in (3, 0)
    )
    assert 0.7 < float(of_a_seed.mean()) < 1.4
    assert of_nothing.tolist() == [0] * 4


def test_without_further_seeds_or_a_snapshot_before_nothing_is_said(probe):
    pictures = torch.rand(2, 4, 3, 64, 64)
    assert Drift()(subject(pictures[0], judge=probe, before=pictures[1])) is None
    assert Drift()(subject(pictures[0], judge=probe, others=pictures[1:])) is None
