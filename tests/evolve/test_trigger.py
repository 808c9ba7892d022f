"""When to draw: tables of metric values and the epochs that fire."""

import pytest

from featevo.evolve.trigger import Trigger, ViewTriggers

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("settings", "values", "fires"),
    [
        ({}, [0.5, 0.6, 0.6, 0.55, 0.7], [1, 2, 5]),
        ({}, [NAN, None, INF, 0.5, NAN, 0.6], [4, 6]),
        ({"min_delta": 0.05}, [0.5, 0.54, 0.56, 0.60, 0.62], [1, 3, 5]),
        ({"mode": "min"}, [2.0, 2.0, 1.5, 1.7, 1.4], [1, 3, 5]),
        ({"mode": "min", "min_delta": 0.2}, [2.0, 1.9, 1.7], [1, 3]),
        ({"kind": "every_epoch"}, [0.5, NAN, None], [1, 2, 3]),
        ({"kind": "every_n", "every_n": 2}, [0.5, 0.6, 0.7, 0.8, 0.9], [2, 4]),
    ],
)
def test_fires_at(settings, values, fires):
    trigger = Trigger(**settings)
    assert [epoch for epoch, value in enumerate(values, start=1) if trigger.fires(epoch, value)] == fires


def test_keeps_the_best_with_every_kind():
    trigger = Trigger("every_epoch")
    for epoch, value in enumerate([0.5, 0.8, 0.7], start=1):
        trigger.fires(epoch, value)
    assert (trigger.best, trigger.best_epoch) == (0.8, 2)


@pytest.mark.parametrize("stop", range(1, 6))
def test_a_resumed_run_fires_at_the_same_epochs(stop):
    values = [0.5, 0.4, 0.6, 0.6, 0.7]
    first = Trigger()
    fired = [epoch for epoch in range(1, stop + 1) if first.fires(epoch, values[epoch - 1])]
    second = Trigger()
    second.load_state_dict(first.state_dict())
    fired += [epoch for epoch in range(stop + 1, 6) if second.fires(epoch, values[epoch - 1])]
    assert fired == [1, 3, 5]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "always"}, "trigger=always: there are improvement, every_epoch, every_n"),
        ({"mode": "best"}, "mode=best: max or min"),
        ({"every_n": 0}, "every_n=0 must be at least 1"),
        ({"min_delta": -1.0}, "min_delta=-1.0 finite and at least 0"),
        ({"min_delta": float("nan")}, "min_delta=nan finite and at least 0"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Trigger(**settings)


def triggers():
    return ViewTriggers(
        Trigger(), {"slow": Trigger("every_n", 2), "best": Trigger(min_delta=0.2)}, ["a", "slow", "best"]
    )


def test_views_with_triggers_of_their_own():
    values, found = [0.5, 0.4, 0.6, 0.65, 0.75], triggers()
    assert [found.fires(epoch, value) for epoch, value in enumerate(values, start=1)] == [
        {"a": "improvement", "best": "improvement"},
        {"slow": "every_n"},
        {"a": "improvement"},
        {"a": "improvement", "slow": "every_n"},
        {"a": "improvement", "best": "improvement"},
    ]


def test_triggers_of_views_continue_after_a_resume():
    first, second = triggers(), triggers()
    first.fires(1, 0.5)
    second.load_state_dict(first.state_dict())
    assert second.fires(2, 0.6) == {"a": "improvement", "slow": "every_n"}
    second.load_state_dict({"best": 0.9})  # of a checkpoint without these views
    assert second.fires(3, 0.95) == {"a": "improvement", "best": "improvement"}
    second.reset()
    assert second.fires(4, 0.1) == {"a": "improvement", "slow": "every_n", "best": "improvement"}
