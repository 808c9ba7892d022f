"""Numbers of a seed, checked by hand on a few snapshots."""

import json
import math

import numpy as np
import pytest

from featevo.study.collect import collect
from featevo.study.hypotheses import HYPOTHESES
from featevo.study.numbers import contrast, likeness
from featevo.study.runs import Missing, by_seed
from featevo.study.secondary import answers
from tests.study.worlds import VIEWERS, write_run

BY_KEY = {h.key: h for h in HYPOTHESES}
LOSSES = {"val_acc": [0.5] * 60, "val_loss": [*np.linspace(2, 1, 20), *np.linspace(1, 3, 40)], "train_loss": [1] * 60}


def taken(*values, **others):
    """Snapshots at epochs 0, 4, 8, ... with these likenesses by EfficientNet-Lite0; VGG-16 sees 0.1 more."""
    found = {}
    for place, value in enumerate(values):
        by_viewer = {VIEWERS[0]: value, VIEWERS[1]: value + 0.1}
        found[4 * place] = {"likeness": by_viewer, **{name: each[place] for name, each in others.items()}}
    return found


def number(root, key, read=None, null=False):
    (seed,) = by_seed(collect([root])[0], "scenes")
    h = BY_KEY[key]
    return (h.null_number if null else h.number)(seed, read or likeness())


def test_1_is_the_rise_beyond_the_twins(tmp_path):
    write_run(tmp_path / "a", snapshots=taken(0.5, 0.6, 0.7, 0.9))
    write_run(tmp_path / "b", arm="eight_shuffled", snapshots=taken(0.5, 0.5, 0.5, 0.6))
    assert number(tmp_path, "1") == pytest.approx((0.3 - 0.05,))
    assert number(tmp_path, "1", null=True) == pytest.approx((0.05,))


@pytest.fixture
def classes(tmp_path):
    """Eight, two and more with known clones and likenesses; matrices have one value beside the diagonal."""
    for arm, kept, value in (("eight", 0.6, 0.8), ("two", 0.7, 0.7), ("two_more", 0.68, 0.65)):
        values = taken(
            0.1, 0.1, value, value, real=[0.9] * 4, patches=[0.5, 0.5, kept, kept], contrast=[0, 0, 0.3, kept]
        )
        write_run(tmp_path / arm, arm=arm, snapshots=values)
    return tmp_path


def test_2_is_the_smaller_difference_of_the_shares_kept(classes):
    assert number(classes, "2") == pytest.approx(((0.7 - 0.6) / 0.4, (0.68 - 0.6) / 0.4))


def test_3_is_the_smaller_difference_of_the_likeness_of_common_classes(classes):
    assert number(classes, "3") == pytest.approx((0.1, 0.15))
    assert number(classes, "3", contrast) == pytest.approx(((0.6 - 0.7) / 2, (0.6 - 0.68) / 2))


def test_only_common_classes_count(classes):
    """Values of other pairs of the eight classes are not read."""
    for path in (classes / "eight").glob("evolution/*/confusion.json"):
        whole = json.loads(path.read_text())
        for name in (*VIEWERS, "real", "patches"):
            for i, row in enumerate(whole[name]):
                whole[name][i] = [value if max(i, j) < 2 else 0.0 for j, value in enumerate(row)]
        path.write_text(json.dumps(whole))
    assert number(classes, "2") == pytest.approx((0.25, 0.2))
    assert number(classes, "3") == pytest.approx((0.1, 0.15))


def test_at_chance_there_is_nothing_to_keep(tmp_path):
    for arm in ("eight", "two", "two_more"):
        write_run(tmp_path / arm, arm=arm, snapshots=taken(*[0.5] * 4, real=[0.5] * 4, patches=[0.5] * 4))
    with pytest.raises(Missing, match="two separates the common classes exactly at chance"):
        number(tmp_path, "2")
    for arm in ("eight", "two", "two_more"):
        snapshots = taken(*[0.5] * 4, real=[0.5 if arm == "two" else 0.6] * 4, patches=[0.55] * 4)
        write_run(tmp_path / f"{arm}-twin", arm=f"{arm}_shuffled", snapshots=snapshots)
    assert number(tmp_path, "2", null=True) == (0,), "a twin at chance is a control without an effect"


def test_4_is_the_difference_where_the_run_overfits(tmp_path):
    write_run(tmp_path / "a", arm="augmented", curves=LOSSES, snapshots=taken(0.5, 0.5, 0.7, 0.8))
    write_run(tmp_path / "b", arm="overfit", curves=LOSSES, snapshots=taken(0.5, 0.5, 0.6, 0.6))
    assert number(tmp_path, "4") == pytest.approx((0.15,))
    falling = LOSSES | {"val_loss": list(np.linspace(2, 1, 60))}
    write_run(tmp_path / "c", seed=1, arm="augmented", curves=falling, snapshots=taken(0.5, 0.5, 0.7, 0.8))
    write_run(tmp_path / "d", seed=1, arm="overfit", curves=falling, snapshots=taken(0.5, 0.5, 0.6, 0.6))
    _, second = by_seed(collect([tmp_path])[0], "scenes")
    with pytest.raises(Missing, match="the run overfit of seed 1 does not overfit"):
        BY_KEY["4"].number(second, likeness())


def test_5_is_the_difference_at_the_end_and_at_equal_loss(tmp_path):
    """Eight reaches a loss of 0.5; pretrained passes it half way between 0.6 and 0.4, where its likeness is 0.75."""
    write_run(tmp_path / "a", arm="pretrained", snapshots=taken(0.5, 0.7, 0.8, 0.9, train_loss=[None, 0.6, 0.4, 0.2]))
    write_run(tmp_path / "b", snapshots=taken(0.5, 0.5, 0.6, 0.7, train_loss=[None, 1, 0.7, 0.5]))
    assert number(tmp_path, "5") == pytest.approx((0.85 - 0.65, 0.75 - 0.7))
    assert number(tmp_path, "5", likeness(VIEWERS[1])) == pytest.approx((0.2, 0.05))


def test_5_interpolates_from_before_training(tmp_path):
    """Pretrained has a lower loss at its first snapshot after training began than eight at the end."""
    write_run(tmp_path / "a", arm="pretrained", snapshots=taken(0.5, 0.8, 0.8, 0.8, train_loss=[None, 0.1, 0.05, 0.02]))
    write_run(tmp_path / "b", snapshots=taken(0.5, 0.5, 0.6, 0.7, train_loss=[None, 1, 1.2, 0.5]))
    _, at_equal = number(tmp_path, "5")
    start = math.log(8)
    assert at_equal == pytest.approx(0.5 + 0.3 * (start - 0.5) / (start - 0.1) - 0.7)


def test_likeness_after_saturation_is_compared_with_the_twin_in_the_same_epochs(tmp_path):
    curves = LOSSES | {"val_acc": [0.1, 0.2, 0.3, 0.79, 0.8, *[0.795] * 15]}
    write_run(tmp_path / "a", arm="pretrained", curves=curves, snapshots=taken(0.5, 0.6, 0.6, 0.7, 0.8))
    write_run(tmp_path / "b", arm="pretrained_shuffled", snapshots=taken(0.5, 0.9, 0.5, 0.5, 0.5))
    first, *_ = answers(by_seed(collect([tmp_path])[0], "scenes"))
    assert first.numbers == {0: pytest.approx(0.15)}  # from epoch 4
    assert first.twins == {0: pytest.approx(-0.4)}
    assert (first.above, first.p) == (1, 0.5)
    curves["val_acc"][-1] = 1.0
    write_run(tmp_path / "late" / "a", arm="pretrained", curves=curves, snapshots=taken(0.5, 0.6, 0.6, 0.7, 0.8))
    write_run(tmp_path / "late" / "b", arm="pretrained_shuffled", snapshots=taken(0.5, 0.9, 0.5, 0.5, 0.5))
    first, *_ = answers(by_seed(collect([tmp_path / "late"])[0], "scenes"))
    assert first.missing == ("the accuracy of pretrained of seed 0 saturates only in the last 2 snapshots",)
    assert (first.estimate, first.p) == (None, None)


def test_earlier_and_higher_accuracy(tmp_path):
    write_run(tmp_path / "a", curves=LOSSES | {"val_acc": [0.2, 0.7, 0.77, 0.8]})
    write_run(tmp_path / "b", arm="pretrained", curves=LOSSES | {"val_acc": [0.76, 0.9, 0.8, 0.8]})
    _, earlier, higher = answers(by_seed(collect([tmp_path])[0], "scenes"))
    assert earlier.numbers == {0: 2}
    assert higher.numbers == {0: pytest.approx(0.1)}
    write_run(tmp_path / "never" / "a", curves=LOSSES | {"val_acc": [0.2, 0.7, 0.77, 0.8]})
    write_run(tmp_path / "never" / "b", arm="pretrained", curves=LOSSES | {"val_acc": [0.1] * 4})
    _, earlier, _ = answers(by_seed(collect([tmp_path / "never"])[0], "scenes"))
    assert earlier.numbers == {0: -2}  # one epoch more than it has


def remove(path, text):
    path.write_text(path.read_text().replace(text, "other"))


@pytest.mark.parametrize(
    ("key", "break_run", "reason"),
    [
        ("1", lambda run: remove(run / "evolution/index.jsonl", f"likeness/{VIEWERS[0]}"), "has no likeness/eff"),
        ("3", lambda run: (run / "evolution/epoch=012/confusion.json").unlink(), "has no matrix efficientnet_lite0 of"),
        (
            "3",
            lambda run: remove(run / "evolution/epoch=012/confusion.json", "flamingo"),
            "has no matrix efficientnet_",
        ),
        ("3", lambda run: (run / "evolution/epoch=012/confusion.json").write_text("{"), "has no matrix efficientnet_l"),
        ("3", lambda run: remove(run / "evolution/index.jsonl", "flamingo"), "fewer than two classes in common"),
        (
            "2",
            lambda run: remove(run / "evolution/epoch=012/confusion.json", "patches"),
            "has no matrix patches of the",
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path, key, break_run, reason):
    for arm in ("eight", "two", "two_more", "eight_shuffled"):
        snapshots = taken(0.5, 0.5, 0.6, 0.7, real=[0.9] * 4, patches=[0.8] * 4)
        write_run(tmp_path / arm, arm=arm, snapshots=snapshots)
    number(tmp_path, key)
    break_run(tmp_path / "eight")
    with pytest.raises(Missing, match=reason):
        number(tmp_path, key)


def test_two_snapshots_have_no_end(tmp_path):
    write_run(tmp_path / "a", snapshots=taken(0.5, 0.6))
    write_run(tmp_path / "b", arm="eight_shuffled", snapshots=taken(0.5, 0.6))
    with pytest.raises(Missing, match="has 2 snapshots; 3 are needed"):
        number(tmp_path, "1")


def test_a_run_without_losses_is_named(tmp_path):
    write_run(tmp_path / "a", snapshots=taken(0.5, 0.6, 0.7))
    write_run(tmp_path / "b", arm="pretrained", snapshots=taken(0.5, 0.6, 0.7))
    with pytest.raises(Missing, match="b has no training loss at epoch 4"):
        number(tmp_path, "5")
    (tmp_path / "a" / "metrics.csv").unlink()
    _, earlier, _ = answers(by_seed(collect([tmp_path])[0], "scenes"))
    assert earlier.missing == (f"{tmp_path / 'a'} has no val_acc in metrics.csv",)
