"""Complexity against independent formulas in numpy, on planted structure, and independent of the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from featevo.measure.clusters import ClusterEntropy
from featevo.measure.complexity import ActiveChannels, EffectiveRank, RankBeyondChance, effective_rank, scrambled
from featevo.measure.gate.rungs import rungs, scenes
from featevo.measure.judge import judge
from featevo.measure.phase import PhaseEnergy
from featevo.measure.regions import ColourRegions


@pytest.fixture(scope="module")
def calibrated():
    one = judge()
    last: Any = one.net[-2]
    with torch.no_grad():  # a channel that no image activates
        last.weight[3], last.bias[3] = 0.0, -1.0
    return one.calibrated(scenes(64, 16))


@pytest.fixture(scope="module")
def measures(calibrated):
    asking = EffectiveRank(calibrated), RankBeyondChance(calibrated), ActiveChannels(calibrated)
    return *asking, ClusterEntropy(), ColourRegions(), PhaseEnergy()


@pytest.fixture(scope="module")
def pictures():
    drawn = rungs(64, 1)
    return torch.cat([drawn[rung] for rung in ("flat", "white noise", "median nine times", "4 shapes", "scene")])


def rank_by_svd(features):
    """exp(entropy of the squares of singular values), in numpy."""
    centred = features - features.mean(0)
    squares = np.linalg.svd(centred, compute_uv=False) ** 2
    share = squares[squares > 0] / squares.sum()
    return np.exp(-(share * np.log(share)).sum()) * min(1, (centred**2).mean() / 0.5)


def test_effective_rank_is_the_formula(calibrated, pictures):
    features = calibrated.features(pictures).double().numpy().reshape(len(pictures), 64, -1).transpose(0, 2, 1)
    deviation = calibrated.deviation.numpy()
    scaled = features * np.where(deviation > 0, 1 / np.maximum(deviation, 1e-300), 0)
    np.testing.assert_allclose(EffectiveRank(calibrated)(pictures), [rank_by_svd(one) for one in scaled], rtol=1e-5)


@pytest.mark.parametrize("shape", [(40, 7), (7, 40)])
def test_planted_rank_is_found(shape):
    rng = np.random.default_rng(0)
    features = rng.normal(size=shape) * 3
    assert effective_rank(torch.from_numpy(features)[None]).item() == pytest.approx(rank_by_svd(features))
    one = np.outer(rng.normal(size=shape[0]), np.ones(shape[1]))
    assert effective_rank(torch.from_numpy(one)[None]).item() == pytest.approx(min(1, one.var() / 0.5))
    assert effective_rank(torch.zeros(1, *shape).double()).item() == 0


def test_rank_beyond_chance_is_the_formula(calibrated, pictures):
    def scaled(batch):
        alive = (calibrated.deviation > 0).numpy()
        features = calibrated.features(batch).double().numpy().reshape(len(batch), 64, -1)[:, alive]
        shown = (features / calibrated.deviation.numpy()[alive, None]).transpose(0, 2, 1)
        return np.concatenate([shown, np.zeros((*shown.shape[:2], 64 - alive.sum()))], 2)

    assert not (calibrated.deviation > 0).all()
    chance = np.maximum(*(scaled(scrambled(pictures, seed)).max(1) for seed in (0, 1)))
    beyond = np.maximum(scaled(pictures) - chance[:, None], 0)
    expected = [rank_by_svd(one) if one.any() else 0 for one in beyond]
    np.testing.assert_allclose(RankBeyondChance(calibrated)(pictures), expected, rtol=1e-5, atol=1e-9)


def test_active_channels_is_the_formula(calibrated, pictures):
    real, shown = (calibrated.features(batch).numpy().max((2, 3)) for batch in (scenes(64, 16), pictures))
    expected = (shown > np.median(real.astype(np.float64), axis=0)).mean(1)
    np.testing.assert_array_equal(ActiveChannels(calibrated)(pictures), expected)
    assert 0.3 < ActiveChannels(calibrated)(scenes(64, 16)).mean() <= 0.5


def test_a_judge_without_calibration_is_refused(pictures):
    for measure in (EffectiveRank(judge()), RankBeyondChance(judge()), ActiveChannels(judge())):
        with pytest.raises(ValueError, match="calibrate it on real images first"):
            measure(pictures)


def test_surrogates_keep_mean_and_amplitudes_except_where_clipped():
    pictures = 0.5 + 0.02 * torch.randn(2, 3, 32, 48, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    surrogate = scrambled(pictures, 3)
    amplitudes, kept = np.abs(np.fft.fft2(pictures.numpy())), np.abs(np.fft.fft2(surrogate.numpy()))
    np.testing.assert_allclose(kept, amplitudes, atol=1e-9)
    assert np.corrcoef(pictures.numpy().ravel(), surrogate.numpy().ravel())[0, 1] < 0.1
    assert torch.equal(surrogate, scrambled(pictures, 3))
    assert not torch.equal(surrogate, scrambled(pictures, 4))


@pytest.mark.parametrize(("parts", "bits"), [(1, 0.0), (2, 1.0), (4, 2.0)])
def test_cluster_entropy_of_equal_bands_is_their_logarithm(parts, bits):
    bands = torch.linspace(0.1, 0.9, parts).repeat_interleave(64 // parts).view(1, 1, 64, 1).expand(1, 3, 64, 64)
    noise = 0.02 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert ClusterEntropy()(bands + noise).item() == pytest.approx(bits, abs=0.01)


def test_colour_regions_counts_equal_quarters_and_ignores_crumbs():
    quarters = torch.zeros(1, 3, 64, 64)
    quarters[:, 0, :32], quarters[:, 1, :, :32] = 1, 1
    assert ColourRegions()(quarters).item() == pytest.approx(4, rel=1e-2)
    crumbs = quarters.clone()
    for place in range(16):
        row, column = 4 + 16 * (place // 4), 4 + 16 * (place % 4)
        crumbs[:, :, row : row + 6, column : column + 6] = 0.5  # 36 of 4096 pixels each, and less after the median
    kept = ColourRegions()(crumbs).item()
    assert 3 < kept < 4


def test_phase_energy_prefers_an_edge_to_its_scrambled_twin_and_grows_with_contrast():
    edge = torch.full((1, 3, 64, 64), 0.4)
    edge[..., 16:48, 16:48] = 0.6
    sharp, faint, twin = PhaseEnergy()(torch.cat([edge, 0.45 + (edge - 0.45) / 2, scrambled(edge)]))
    assert sharp > 2 * twin
    assert faint.item() == pytest.approx(sharp.item() / 2, rel=1e-3)


def test_measures_are_finite_deterministic_and_independent_of_the_batch(measures, pictures):
    for measure in measures:
        values = measure(pictures)
        assert values.shape == (len(pictures),)
        assert values.dtype == torch.float64
        assert values.isfinite().all()
        assert torch.equal(values, measure(pictures))
        alone = torch.cat([measure(picture[None]) for picture in pictures])
        torch.testing.assert_close(values, alone, rtol=1e-4, atol=1e-5, msg=measure.name)
