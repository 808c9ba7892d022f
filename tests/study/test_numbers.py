"""Numbers of a seed, checked by hand on short curves."""

import json

import numpy as np
import pytest

from featevo.study.claims import CLAIMS
from featevo.study.collect import collect
from featevo.study.runs import Missing, by_seed
from tests.study.worlds import EPOCHS, write_run

NUMBERS = {h.key: h.number for claim in CLAIMS for h in claim.hypotheses}
TIME = np.arange(1.0, EPOCHS + 1)
FALLING, TURNING = (2 / TIME).tolist(), (0.5 + 0.02 * (TIME - 7) ** 2).tolist()
FLAT = [0.5] * EPOCHS


def put(root, init="random", classes=2, accuracy=FLAT, val_loss=FALLING, train_loss=FLAT, **measures):
    curves = {"val_acc": accuracy, "val_loss": val_loss, "train_loss": train_loss}
    return write_run(root / f"{init}-{classes}", 0, init, classes, curves=curves, measures=measures)


def number(key, root):
    (seed,) = by_seed(collect([root])[0])
    return NUMBERS[key](seed)


def test_only_classes_that_all_runs_have_are_compared(tmp_path):
    put(tmp_path, classes=2, **{"complexity/effective_rank": [10.0] * EPOCHS})
    index = put(tmp_path, classes=4, **{"complexity/effective_rank": [13.0] * EPOCHS}) / "evolution" / "index.jsonl"
    lines = [json.loads(line) for line in index.read_text().splitlines()]
    for line in lines:
        for render in line["renders"][2:]:
            render["measures"]["complexity/effective_rank"] = 100.0
    index.write_text("\n".join(map(json.dumps, lines)))
    assert number("2a", tmp_path) == pytest.approx(3)


def test_the_end_is_three_snapshots(tmp_path):
    for init, last in (("random", [1, 2, 3]), ("pretrained", [4, 5, 9])):
        put(tmp_path, init, **{"complexity/effective_rank": [50.0] * (EPOCHS - 3) + last})
    assert number("5c", tmp_path) == pytest.approx(4)


def test_best_and_first_accuracies_of_pairs(tmp_path):
    put(tmp_path, "random", accuracy=[0.5] * 9 + [0.93, 0.4, 0.4, 0.4, 0.4])
    put(tmp_path, "pretrained", accuracy=[0.5, 0.97] + [0.6] * (EPOCHS - 2))
    assert number("5a", tmp_path) == 10 - 2
    assert number("5b", tmp_path) == pytest.approx(0.04)


def test_confusion_is_correlated_with_validation_minus_training_loss(tmp_path):
    wander = np.random.default_rng(0).normal(size=EPOCHS)
    measures = {"confusion/crops": (0.5 - 0.01 * wander).tolist()}
    for init in ("random", "pretrained"):
        put(tmp_path, init, val_loss=TURNING, train_loss=(0.3 + 0.05 * wander).tolist(), **measures)
    assert number("4a", tmp_path) == pytest.approx(1)


def test_runs_that_do_not_overfit_are_not_used_for_overfitting(tmp_path):
    early = {"confusion/crops": (0.3 + 0.01 * (TIME - 4) ** 2).tolist()}
    put(tmp_path, "random", val_loss=TURNING, **early)
    put(tmp_path, "pretrained", val_loss=FALLING, **early)
    assert number("4b", tmp_path) == pytest.approx(7 - 4)
    put(tmp_path / "other", "random", val_loss=FALLING, **early)
    put(tmp_path / "other", "pretrained", val_loss=FALLING, **early)
    with pytest.raises(Missing, match="no run of seed 0 overfits"):
        number("4b", tmp_path / "other")


def test_runs_that_saturate_late_are_not_used_for_the_rise_after_saturation(tmp_path):
    rising = {"complexity/effective_rank": [10.0] * 6 + [10, 11, 12, 13, 14, 15, 16, 17]}
    put(tmp_path, classes=2, accuracy=[0.5] * 6 + [0.9] * 8, **rising)
    put(tmp_path, classes=4, accuracy=[0.5] * 12 + [0.9] * 2, **rising)
    assert number("1b", tmp_path) == pytest.approx(7 / 13.5)
    put(tmp_path / "other", accuracy=[0.5] * 12 + [0.9] * 2, **rising)
    with pytest.raises(Missing, match="no run of seed 0 has 4 snapshots from saturation on"):
        number("1b", tmp_path / "other")
