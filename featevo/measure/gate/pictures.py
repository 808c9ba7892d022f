"""All pictures of the gate's parts a and b, by name."""

from __future__ import annotations

from torch import Tensor

from featevo.measure.gate.hostile import BLOCK, block_shuffled, noise, phase_randomised
from featevo.measure.gate.invariance import changed, named
from featevo.measure.gate.photographs import photographs
from featevo.measure.gate.rungs import rungs

SMALLEST, LARGEST = 32, 256
"""Sides of pictures in pixels; larger photographs would be enlarged."""

PHOTOGRAPHS, SHUFFLED, RANDOMISED = "photographs", "shuffled photographs", "phase-randomised photographs"
UNCHANGED = (PHOTOGRAPHS, "scene", "4 shapes")
"""Kinds of pictures that are changed in part b."""


def pictures(size: int, number: int, seed: int = 0) -> dict[str, Tensor]:
    """Every picture that a measure is computed for, reproducible from the arguments.

    Args:
        size: Side in pixels, a multiple of 8 from 32 to 256.
        number: Of pictures of each kind.
        seed: Of the random streams.

    Returns:
        By kind, (number, 3, size, size), float32 in 0..1.

    Raises:
        ValueError: For another size.
        UserError: Where scikit-image is not installed.
    """
    if size % BLOCK or not SMALLEST <= size <= LARGEST or number < 1:
        raise ValueError(
            f"size={size}, number={number}: the size is a multiple of {BLOCK} from {SMALLEST} to {LARGEST}, "
            "the number at least 1"
        )
    real = photographs(size, number, seed)
    found = {**rungs(size, number, seed), **noise(size, number, seed + 1), PHOTOGRAPHS: real}
    found[SHUFFLED], found[RANDOMISED] = block_shuffled(real, seed), phase_randomised(real)
    for kind in UNCHANGED:
        found |= {named(kind, change): images for change, images in changed(found[kind], seed).items()}
    return found
