"""Runs are named by their differences; runs that differ only in their seed are one group."""

import pytest

from featevo.page.labels import groups, labels
from featevo.record.reading import Evolution


@pytest.fixture
def runs(tmp_path):
    """Runs of given overrides, all with one name, each in a folder of its own."""

    def make(*overrides, name="scenes"):
        return [
            Evolution(tmp_path / f"run{number}", {"name": name, "overrides": words}, [])
            for number, words in enumerate(overrides)
        ]

    return make


def test_shared_overrides_are_not_in_the_names(runs):
    given = runs(["init=random", "seed=0", "debug=small", "hydra.run.dir=a"], ["seed=1", "init=random", "debug=small"])
    assert labels(given) == ["seed=0", "seed=1"]
    assert groups(given) == [0, 1]


def test_runs_that_differ_in_their_seed_are_one_group(runs):
    given = runs(*[[f"init={init}", f"seed={seed}"] for init in ("random", "pretrained") for seed in range(3)])
    assert labels(given)[:4] == [
        "init=random, seed=0",
        "init=random, seed=1",
        "init=random, seed=2",
        "init=pretrained, seed=0",
    ]
    assert groups(given) == [0, 0, 0, 1, 1, 1]


def test_all_labels_are_of_one_kind(runs):
    """A run of the command alone has no override to be named by."""
    plain, digits = runs([], name="scenes-random")[0], runs(["data=digits"], name="digits-random")[0]
    assert labels([plain, digits]) == ["scenes-random", "digits-random"]
    assert labels(runs([], ["init=pretrained"])) == ["scenes", "scenes, init=pretrained"]
    again = runs([], ["seed=1"], ["seed=1"])
    assert labels(again) == ["scenes", "run1", "run2"]


def test_all_labels_differ(runs):
    assert labels(runs([], [])) == ["run0", "run1"]
    assert labels(runs(None, "garbage")) == ["run0", "run1"]
    one = runs([])[0]
    assert labels([one, one]) == ["run0 (1)", "run0 (2)"]
    assert labels([one]) == ["scenes"]
