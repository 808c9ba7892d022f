"""What arms learned of their labels, in runs of known curves."""

import pytest

from featevo.study.collect import collect
from featevo.study.findings import evaluate
from featevo.study.results import as_json, as_markdown
from featevo.study.tables import remarks
from tests.study.worlds import write_run

END = {"eight": (0.9, 0.75), "eight_shuffled": (0.17, 0.5), "two": (0.54, 0.6)}
"""By arm, training accuracy and likeness at the end."""


@pytest.fixture
def study(tmp_path):
    """Two seeds; the second of the shuffled arm has learned its labels."""
    for arm, (accuracy, likeness) in END.items():
        for seed in (0, 1):
            learned = 1.0 if (arm, seed) == ("eight_shuffled", 1) else accuracy
            curves = {"val_acc": [0.5, 0.5], "train_acc": [0.2, learned]}
            snapshots = {
                epoch: {"likeness": {"efficientnet_lite0": value}}
                for epoch, value in enumerate([0.5, 0.1, likeness - 0.125, likeness + 0.125])
            }
            write_run(tmp_path / f"{arm}-{seed}", seed, arm, curves=curves, snapshots=snapshots)
    return evaluate(*collect([tmp_path]))


def test_accuracy_is_that_of_the_last_epoch_and_likeness_rises_from_the_first_snapshot(study):
    fits = {fit.arm: fit for fit in study.parts[0].fits}
    assert list(fits) == ["eight", "two", "eight_shuffled"]  # only those with runs
    assert fits["eight"].accuracy == {0: 0.9, 1: 0.9}
    assert fits["eight"].rises == pytest.approx({0: 0.25, 1: 0.25})
    assert fits["eight_shuffled"].rises == pytest.approx({0: 0, 1: 0})
    assert {arm: fit.chance for arm, fit in fits.items()} == {"eight": 1 / 8, "two": 1 / 2, "eight_shuffled": 1 / 8}
    assert {arm: fit.unlearned for arm, fit in fits.items()} == {"eight": (), "two": (0, 1), "eight_shuffled": (0,)}


def test_the_results_have_them(study):
    assert "| `eight` | 0.90 (0.90 to 0.90) | 0.125 | 0.25 (0.25 to 0.25) | 2 of 2 |" in as_markdown(study)
    (found,) = [fit for fit in as_json(study)["fits"] if fit["arm"] == "eight"]
    assert (found["data"], found["accuracy"]) == ("scenes", {"0": 0.9, "1": 0.9})


def test_a_twin_that_learns_nothing_is_named_as_a_weak_control(study):
    said = [line for line in remarks(study) if "weak control" in line]
    assert said == [
        "scenes: a weak control: 1 of 2 runs of eight_shuffled learned none of their labels, their training accuracy "
        "ends near chance"
    ]


def test_runs_without_a_training_accuracy_have_a_dash(tmp_path):
    likeness = {epoch: {"likeness": {"efficientnet_lite0": 0.5}} for epoch in range(4)}
    write_run(tmp_path / "run", snapshots=likeness)
    assert "| `eight` | - | 0.125 | 0.00 (0.00 to 0.00) | 0 of 1 |" in as_markdown(evaluate(*collect([tmp_path])))
