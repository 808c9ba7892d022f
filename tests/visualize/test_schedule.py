"""Schedules against their formulas; they end at `end` and never leave the range between their ends."""

import numpy as np
import pytest

from featevo.visualize import Schedule
from featevo.visualize.schedule import SHAPES, at, least, most

PROGRESS = np.linspace(0, 1, 21)
FORMULAS = {
    "linear": lambda start, end: np.interp(PROGRESS, [0, 1], [start, end]),
    "cosine": lambda start, end: end + (start - end) * np.cos(np.pi * PROGRESS / 2) ** 2,
    "geometric": lambda start, end: np.geomspace(start, end, len(PROGRESS)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("start", "end"), [(0.12, 0.015), (0.5, 3.0), (2.0, 2.0)])
def test_follows_its_formula(shape, start, end):
    schedule = Schedule(start, end, shape)
    values = [schedule.at(progress) for progress in PROGRESS]
    assert np.allclose(values, FORMULAS[shape](start, end), rtol=1e-12)
    assert values[0] == start
    assert values[-1] == pytest.approx(end, rel=1e-15)
    assert [at(schedule, progress) for progress in PROGRESS] == values


def test_is_a_cosine_by_default():
    assert Schedule(1, 0) == Schedule(1, 0, "cosine")


@pytest.mark.parametrize("shape", SHAPES)
def test_rounding_does_not_leave_the_range(shape):
    for start in np.arange(1, 100, 3):
        for end in np.arange(1, 101, 3):
            schedule = Schedule(start / 100, end / 100, shape)
            for progress in (0.0, 0.3, 1 - 1e-16, 1.0):
                assert least(schedule) <= schedule.at(progress) <= most(schedule)


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_reaches_0_exactly(shape):
    for start in (0.1, 0.3, 1.1, -0.7):
        assert Schedule(start, 0, shape).at(1) == 0


def test_ends_and_plain_numbers():
    assert (least(Schedule(3, 1)), most(Schedule(3, 1))) == (1, 3)
    assert (least(Schedule(-1, 2)), most(Schedule(-1, 2))) == (-1, 2)
    assert [at(0.3, progress) for progress in (0, 0.5, 1)] == [0.3] * 3
    assert (least(0.3), most(0.3)) == (0.3, 0.3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 0, "steps"), "shape='steps': there are linear, cosine, geometric"),
        ((1, 0, "geometric"), "start=1, end=0: a geometric schedule needs both above 0"),
        ((-1, 2, "geometric"), "start=-1, end=2: a geometric schedule needs both above 0"),
    ],
)
def test_wrong_settings_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Schedule(*arguments)
