"""The plateau against its definition in plain Python, and its errors."""

import pytest
import torch

from featevo.visualize import Plateau


def stalled(trace, patience, min_gain, every):
    """One image's values before each step, check by check."""
    bests = [max(trace[:steps]) for steps in range(every, len(trace) + 1, every)]
    if len(trace) % every or len(bests) <= patience:
        return False
    return bests[-1] - bests[-1 - patience] <= min_gain * (bests[-1] - trace[0])


@pytest.mark.parametrize("patience", [1, 3])
@pytest.mark.parametrize("min_gain", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("every", [1, 4])
def test_follows_its_definition(patience, min_gain, every):
    generator = torch.Generator().manual_seed(0)
    steps = torch.arange(1, 41, dtype=torch.float64)[:, None]
    noise = torch.randn(40, 6, generator=generator, dtype=torch.float64)
    traces = torch.cat([1 - torch.exp(-steps / 4) + 0.1 * noise, noise, -0.1 * steps + 0.01 * noise], 1)
    plateau, results = Plateau(patience, min_gain, every), []
    for count in range(1, 41):
        reached = plateau.reached(traces[:count]).tolist()
        assert reached == [stalled(trace[:count].tolist(), patience, min_gain, every) for trace in traces.T]
        results += reached
    assert set(results) == {True, False}


def first_reached(plateau, trace):
    column = torch.tensor(trace, dtype=torch.float64)[:, None]
    return next((n for n in range(1, len(trace) + 1) if plateau.reached(column[:n]).item()), None)


def test_stops_after_its_patience_and_not_while_it_grows():
    plateau = Plateau(patience=3, min_gain=0.02, every=4)
    grows, rests = [float(n) for n in range(60)], [20.0] * 40
    assert first_reached(plateau, grows[:49]) is None
    assert first_reached(plateau, grows[:21] + rests) == 36  # full at 21, so first seen at 24, and three checks later
    assert first_reached(plateau, [5.0] * 20) == 16
    assert first_reached(plateau, [-float(n) for n in range(20)]) == 16


@pytest.mark.parametrize(("last", "reached"), [(1.0, False), (0.5, True), (0.25, True)])
def test_growth_counts_when_it_is_more_than_the_share(last, reached):
    """0.5 of 2 is exactly a quarter of all growth; 1 of 2.5 is more."""
    trace = torch.tensor([[0.0], [1.5], [1.5 + last]], dtype=torch.float64)
    assert Plateau(patience=1, min_gain=0.25, every=1).reached(trace).item() is reached


def test_each_image_by_its_own_trace():
    steps = torch.arange(16.0)
    reached = Plateau().reached(torch.stack([steps, steps.clamp(max=3), steps * 0], 1))
    assert reached.dtype == torch.bool
    assert reached.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patience": 0.5}, "patience=0.5, every=4: must be at least 1"),
        ({"every": 0}, "patience=3, every=0: must be at least 1"),
        ({"min_gain": -0.1}, "min_gain=-0.1: must be at least 0 and below 1"),
        ({"min_gain": 1}, "min_gain=1: must be at least 0 and below 1"),
    ],
)
def test_settings_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Plateau(**arguments)
