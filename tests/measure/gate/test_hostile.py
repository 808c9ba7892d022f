"""Hostile pictures: their blur, spectrum and contrast against numpy and scipy, and what taking apart keeps."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from featevo.measure.gate.hostile import BLURS, CONTRASTS, block_shuffled, noise, phase_randomised

SIZE = 64


@pytest.fixture(scope="module")
def drawn():
    return noise(SIZE, 16)


def spectrum(pictures):
    """Frequencies and mean power of pictures, without the mean, in numpy."""
    power = (np.abs(np.fft.fft2(pictures.double().numpy())) ** 2).mean((0, 1)).ravel()
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE))).ravel()
    return frequency[1:], power[1:]


def test_kinds_are_reproducible_in_range_and_differ_between_pictures(drawn):
    again = noise(SIZE, 16)
    assert len(drawn) == 6 * 4 + 2 + 1 + 3
    for kind, pictures in drawn.items():
        assert pictures.shape == (16, 3, SIZE, SIZE)
        assert pictures.dtype == torch.float32
        assert 0 <= pictures.min() < pictures.max() <= 1
        assert torch.equal(pictures, again[kind])
        assert not torch.equal(pictures[0], pictures[1])
    assert not torch.equal(noise(SIZE, 1, seed=1)["1/f noise"], drawn["1/f noise"][:1])


@pytest.mark.parametrize("blur", BLURS)
def test_the_spectrum_is_that_of_scipys_blur(drawn, blur):
    """The power falls by exp(-4 pi^2 blur^2 f^2); a fit to noise that scipy blurred is the reference."""
    white = np.random.default_rng(0).normal(size=(48, SIZE, SIZE))
    reference = ndimage.gaussian_filter(white, blur, mode="wrap", truncate=8, axes=(1, 2))

    def slope(pictures):
        frequency, power = spectrum(pictures)
        used = (blur * frequency) ** 2 < 0.35
        return np.polyfit(frequency[used] ** 2, np.log(power[used]), 1)[0]

    expected = slope(torch.from_numpy(reference)[:, None])
    assert slope(drawn[f"blur {blur} px, RMS 0.1"]) == pytest.approx(expected, rel=0.1)
    assert expected == pytest.approx(-4 * np.pi**2 * blur**2, rel=0.1)


@pytest.mark.parametrize("rms", CONTRASTS)
def test_contrast_and_mean(drawn, rms):
    for blur in BLURS:
        pictures = drawn[f"blur {blur} px, RMS {rms}"].double().numpy().reshape(16, -1)
        # Clipping at 5, 2.5 and 1.7 deviations takes 0, 1 and 9 % of a normal distribution's deviation.
        assert pictures.std(1).mean() == pytest.approx(rms * {0.1: 1, 0.2: 0.99, 0.3: 0.91}[rms], rel=0.02)
        assert pictures.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("blur", BLURS)
def test_most_values_of_saturated_noise_are_clipped(drawn, blur):
    pictures = drawn[f"blur {blur} px, saturated"]
    clipped = ((pictures == 0) | (pictures == 1)).double().mean().item()
    assert clipped == pytest.approx(0.803, abs=0.03)  # of a normal distribution, beyond a quarter of its deviation


@pytest.mark.parametrize(("kind", "exponent"), [("1/f noise", 1.0), ("1/f^1.5 noise", 1.5)])
def test_the_amplitude_falls_with_the_exponent(drawn, kind, exponent):
    frequency, power = spectrum(drawn[kind])
    used = frequency < 0.25
    slope = np.polyfit(np.log(frequency[used]), np.log(power[used]), 1)[0]
    assert slope == pytest.approx(-2 * exponent, abs=0.15)


def test_medians_are_scipys_and_reach_from_0_to_1(drawn):
    pictures = drawn["nine medians, stretched"]
    assert pictures.amin((1, 2, 3)).tolist() == [0] * 16
    assert pictures.amax((1, 2, 3)).tolist() == [1] * 16
    # Nine medians of white noise are near a fixed point, so that another one changes little.
    once = ndimage.median_filter(pictures[0, 0].numpy(), 5, mode="nearest")
    assert np.abs(once - pictures[0, 0].numpy()).mean() < 0.02


@pytest.mark.parametrize("side", [2, 4, 8])
def test_checkerboards(drawn, side):
    for picture in drawn[f"checkerboard {side} px"][:4].numpy():
        rows, columns = np.indices((SIZE, SIZE))
        boards = [
            ((rows + down) // side + (columns + right) // side) % 2
            for down in range(2 * side)
            for right in range(2 * side)
        ]
        assert any((picture == board).all() for board in boards)


def test_random_phases_keep_amplitudes_and_differ_between_images():
    pictures = 0.5 + 0.02 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    twice = phase_randomised(pictures.repeat(2, 1, 1, 1)).numpy()
    amplitudes = np.abs(np.fft.fft2(pictures[0].numpy()))
    for one in twice:
        np.testing.assert_allclose(np.abs(np.fft.fft2(one)), amplitudes, atol=1e-9)
    assert abs(np.corrcoef(twice[0].ravel(), twice[1].ravel())[0, 1]) < 0.1


def test_shuffled_blocks_are_the_same_blocks_elsewhere():
    pictures = torch.rand(2, 3, 24, 32, generator=torch.Generator().manual_seed(0))
    mixed = block_shuffled(pictures)

    def blocks(picture):
        return [
            picture[:, row : row + 8, column : column + 8].numpy().tobytes()
            for row in (0, 8, 16)
            for column in (0, 8, 16, 24)
        ]

    orders = []
    for before, after in zip(pictures, mixed, strict=True):
        assert sorted(blocks(before)) == sorted(blocks(after))
        orders.append([blocks(before).index(block) for block in blocks(after)])
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])
    assert torch.equal(mixed, block_shuffled(pictures))
