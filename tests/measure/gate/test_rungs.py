"""The rungs: reproducible, in range, and with more structure from rung to rung."""

import torch

from featevo.measure.gate.rungs import NOISE, STRUCTURED, rungs


def test_rungs_are_the_same_every_time_and_in_range():
    drawn, again = rungs(32, 3), rungs(32, 3)
    assert tuple(drawn) == NOISE + STRUCTURED
    for rung, pictures in drawn.items():
        assert pictures.shape == (3, 3, 32, 32)
        assert pictures.min() >= 0
        assert pictures.max() <= 1
        assert torch.equal(pictures, again[rung])
        assert not torch.equal(pictures[0], pictures[1])
    assert not torch.equal(drawn["white noise"], rungs(32, 3, seed=1)["white noise"])


def test_more_shapes_cover_more_of_the_grey():
    drawn = rungs(64, 8)
    grey = [(drawn[rung] - 128 / 255).abs().amax(1).lt(1e-4).double().mean().item() for rung in STRUCTURED[:5]]
    assert grey == sorted(grey, reverse=True)
    assert grey[0] > 0.85
    assert grey[-1] < 0.6
