"""Titles of measures, and one sentence for each that says what it is, for readers who have not read the docs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict


class Words(TypedDict):
    """A short title, and a sentence."""

    title: str
    sentence: str


_VIEWERS = {
    "likeness/shipped": "a small network that has seen other drawn species",
    "likeness/efficientnet_lite0": "EfficientNet-Lite0, a network trained on ImageNet",
    "likeness/vgg16": "VGG-16, a network trained on ImageNet",
}
_CLONES = {
    "real": ("on real images", "Real validation images, two classes at a time"),
    "grey": ("without colour", "Validation images turned grey"),
    "low_pass": ("without detail", "Blurred validation images"),
    "patches": ("without arrangement", "Validation images whose 8 x 8 patches are shuffled"),
    "gaussian": ("with averages alone", "Images that share only mean and covariance with their class"),
}

WORDS: dict[str, Words] = {
    **{
        name: Words(
            title=f"Likeness ({name.partition('/')[2].replace('_', ' ')})",
            sentence=f"Two rendered images, two real ones, one of each class: how often {viewer}, matches them rightly."
            " 0.5 is chance.",
        )
        for name, viewer in _VIEWERS.items()
    },
    **{
        f"clones/{kind}": Words(
            title=f"Told apart {title}",
            sentence=f"{what}: how often the network prefers the right one of two classes. 0.5 is chance.",
        )
        for kind, (title, what) in _CLONES.items()
    },
    "confusion/self": Words(
        title="Confusion of the network",
        sentence="The probability that the network gives to the other classes for the image that it was drawn for.",
    ),
    "picture/contrast": Words(
        title="Contrast",
        sentence="How far an image's values are from its mean colour; 0 is one colour, 0.5 black and white.",
    ),
    "picture/saturation": Words(title="Saturation", sentence="The share of values that are at the end of the range."),
    "picture/used": Words(
        title="Used area", sentence="The share of the image's area that holds its contrast; 1 is all of it."
    ),
    "image/pieces": Words(
        title="Pieces", sentence="How many squares of one colour each describe an image best; noise is one square."
    ),
    "image/colour_regions": Words(
        title="Colour regions", sentence="The effective number of connected regions of one colour; a plain image has 1."
    ),
    "image/cluster_entropy": Words(
        title="Entropy of colour clusters",
        sentence="Bits to tell the colour clusters of an image's patches apart, 0 to 4; noise is one cluster, 0.",
    ),
    "image/phase_energy": Words(
        title="Energy of edges",
        sentence="Strength of edges and lines beyond that of noise, in per cent of the full range.",
    ),
    "features/effective_rank": Words(
        title="Effective rank of features",
        sentence="How many independent patterns another network's features have over the positions of an image.",
    ),
    "features/rank_beyond_chance": Words(
        title="Effective rank beyond chance",
        sentence="The effective rank of features that noise with the image's own spectrum and colours does not have.",
    ),
    "features/active_channels": Words(
        title="Active channels",
        sentence="The share of another network's channels that an image activates more than the median of real images.",
    ),
    **{
        f"path/{part}": Words(
            title=f"Path similarity, {part} layers",
            sentence=f"How the network's {part} layers process a rendered image: 1 is as real images of its class, "
            "0 as those of other classes.",
        )
        for part in ("early", "middle", "late")
    },
    **{
        f"information/{part}": Words(
            title=f"Information in {part} layers",
            sentence=f"How well a linear probe finds the class of real images in the network's {part} layers; 0 is "
            "chance, 1 is certainty.",
        )
        for part in ("early", "middle", "late")
    },
    "information/depth": Words(
        title="Depth of the class",
        sentence="How deep in the network the class of real images is found: 0 is in the first layer, 1 in the last.",
    ),
    "stability/drift": Words(
        title="Drift",
        sentence="How far an image moved since the snapshot before, compared with another seed: 1 is no more.",
    ),
}
"""By a measure's name in the record."""


def words_of(names: Iterable[str]) -> dict[str, Words]:
    """The words of those names that have any, in their order."""
    return {name: WORDS[name] for name in names if name in WORDS}
