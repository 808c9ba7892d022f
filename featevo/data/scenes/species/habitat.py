"""Frequent backgrounds of a species: in some of its images, a tint over part of the background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featevo.data.scenes.palette import hsv
from featevo.data.scenes.species.chance import Chance


@dataclass(frozen=True)
class Habitat:
    """A tint of some backgrounds.

    Attributes:
        share: Share of images with the tint, 0..1.
        hue, saturation, value: The mean colour of the tint, as for `palette.hsv`.
        strength: Opacity of the tint, 0..1.
        layout: "even", "ground" (below), "sky" (above) or "glow" (around the middle).
    """

    share: float
    hue: float
    saturation: float
    value: float
    strength: float
    layout: str

    @classmethod
    def design(cls, chance: Chance) -> Habitat:
        """The habitat of a new species."""
        return cls(
            share=chance.between(0.15, 0.5),
            hue=chance.between(0, 1),
            saturation=chance.between(0.1, 0.7),
            value=chance.between(0.25, 0.95),
            strength=chance.between(0.3, 0.7),
            layout=chance.one_of("even", "ground", "sky", "glow"),
        )

    def tint(self, backdrop: np.ndarray, chance: Chance) -> np.ndarray:
        """The backdrop, uint8 (h, w, 3), with the tint, or often unchanged."""
        if not chance.flag(self.share):
            return backdrop
        ink = np.array(
            hsv(
                self.hue + chance.between(-0.08, 0.08),
                chance.about(self.saturation, 0.3),
                chance.about(self.value, 0.2),
            )
        )
        down, across = np.linspace(-1, 1, backdrop.shape[0])[:, None], np.linspace(-1, 1, backdrop.shape[1])[None, :]
        edge = chance.between(-0.3, 0.5)
        cover = {
            "even": np.ones_like(down * across),
            "ground": 0.5 + 0.5 * np.tanh(6.0 * (down - edge)) + 0.0 * across,
            "sky": 0.5 - 0.5 * np.tanh(4.0 * (down + edge)) + 0.0 * across,
            "glow": np.exp(-1.5 * (down**2 + across**2)),
        }[self.layout]
        weight = (cover * self.strength)[..., None]
        return np.asarray(backdrop * (1.0 - weight) + ink * weight).astype(np.uint8)
