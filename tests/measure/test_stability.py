"""Drift in units of seed noise."""

import numpy as np
import pytest
import torch

from featevo.measure.gate.rungs import scenes
from featevo.measure.judge import judge
from featevo.measure.stability import Drift, Embedding, seed_noise
from tests.measure.parts import subject, value


@pytest.fixture(scope="module")
def embed():
    return Embedding(judge(), scenes(64, 12))


def test_the_embedding_is_standardised_over_real_images(embed):
    features = embed(scenes(64, 12))
    used = features.std(0) > 0
    assert used.double().mean() > 0.5
    torch.testing.assert_close(features.mean(0), torch.zeros_like(features[0]), atol=1e-9, rtol=0)
    torch.testing.assert_close(features[:, used].std(0), torch.ones(int(used.sum()), dtype=torch.float64))
    pooled = judge().features(scenes(64, 12)).mean((2, 3)).double()
    assert (pooled.std(0)[~used] <= 1e-3 * pooled.std(0).median()).all(), "only nearly constant channels are left out"


def test_drift_is_the_change_relative_to_that_between_seeds(embed):
    images = torch.rand(5, 4, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    seen = subject(images[0], embed=embed, others=images[1:4], before=images[4])
    features = embed(images.flatten(0, 1)).view(5, 4, -1).numpy()
    pairs = [np.linalg.norm(features[i] - features[j], axis=1) for i in range(4) for j in range(i)]
    np.testing.assert_allclose(value(seed_noise, seen), np.mean(pairs, 0), rtol=1e-6)
    moved = np.linalg.norm(features[0] - features[4], axis=1)
    np.testing.assert_allclose(value(Drift(), seen), moved / np.mean(pairs, 0), rtol=1e-6)


def test_another_seed_is_a_drift_of_about_one_and_no_change_is_none(embed):
    images = torch.rand(4, 4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    of_a_seed, of_nothing = (
        value(Drift(), subject(images[0], embed=embed, others=images[1:3], before=images[n])) for n in (3, 0)
    )
    assert 0.7 < float(of_a_seed.mean()) < 1.4
    assert of_nothing.tolist() == [0] * 4


def test_without_further_seeds_or_a_previous_snapshot_there_is_no_value(embed):
    images = torch.rand(2, 4, 3, 64, 64)
    assert Drift()(subject(images[0], embed=embed, before=images[1])) is None
    assert Drift()(subject(images[0], embed=embed, others=images[1:])) is None
