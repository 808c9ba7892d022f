"""The energy of edges, where neighbouring scales are in phase."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.needs import Need

SCALES = 3
ORIENTATIONS = 6
FINEST = 16
"""The shortest wavelength is an image's side divided by this; each scale doubles it."""

SHARPNESS = 0.55
"""Bandwidth of a log-Gabor filter: its deviation over its centre on a logarithmic axis, about two octaves."""

DEVIATIONS = 2.0
"""Energy counts from this many deviations above the expected energy of noise."""


@dataclass(frozen=True)
class PhaseEnergy:
    """Local energy of waves in phase across scales, beyond that of noise, in percent of the full range.

    Each channel passes quadrature log-Gabor filters of three scales and six orientations. The energy of an orientation
    is the modulus of its responses' sum over scales, large where they are in phase: at edges and lines. The energy
    of noise is estimated from the finest scale's median and subtracted. The measure is the mean over positions and
    channels of the rest, summed over orientations. It grows with contrast and length of edges.

    Source: P. Kovesi, "Image features from phase congruency", Videre 1(3), 1999: its energy with noise compensation,
    not divided by amplitude, as the quotient rates faint noise as high as edges.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "image/phase_energy"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,), float64, 0 or more."""
        images = images.double()
        spectrum = torch.fft.fft2(images - images.mean((-2, -1), keepdim=True))
        energy = images.new_zeros(images.shape)
        for filters in _filters(*images.shape[-2:]).to(images.device):
            responses = torch.fft.ifft2(spectrum[:, :, None] * filters)
            # Of noise, the finest scale's amplitudes are Rayleigh distributed; coarser ones are fainter by halves.
            spread = responses[:, :, 0].abs().flatten(2).median(2).values / math.sqrt(math.log(4))
            total = spread * sum(0.5**scale for scale in range(SCALES))
            noise = total * (math.sqrt(math.pi / 2) + DEVIATIONS * math.sqrt((4 - math.pi) / 2))
            energy += (responses.sum(2).abs() - noise[..., None, None]).clamp(min=0)
        return 100 * energy.mean((1, 2, 3))


def _filters(height: int, width: int) -> Tensor:
    """(orientations, scales, H, W): one-sided filters in the frequency plane, so that responses are in quadrature."""
    down, right = torch.fft.fftfreq(height).double()[:, None], torch.fft.fftfreq(width).double()[None]
    radius, angle = (down.square() + right.square()).sqrt(), torch.atan2(-down, right)
    filters = radius.new_zeros(ORIENTATIONS, SCALES, height, width)
    for orientation in range(ORIENTATIONS):
        turned = angle - orientation * math.pi / ORIENTATIONS
        distance = torch.atan2(turned.sin(), turned.cos()).abs()
        fan = ((distance * ORIENTATIONS / 2).clamp(max=math.pi).cos() + 1) / 2
        for scale in range(SCALES):
            centre = FINEST / min(height, width) / 2**scale
            octaves = (radius.clamp(min=1e-9) / centre).log() / math.log(SHARPNESS)
            filters[orientation, scale] = fan * (-octaves.square() / 2).exp()
    return filters
