"""Texts of certificates; tests/silent/test_twins.py has those of real trainings."""

from featevo.silent.certificate import Certificate, Difference
from featevo.silent.witness import Place


def what(*names):
    return Difference(names, Place("on_train_end", 4, 2), is_direct=True).what


def test_the_first_name_of_each_kind_is_shown():
    assert what("net.0.bias") == "net.0.bias"
    assert what("a", "b", "mode of net", "numpy's random stream") == "a and 1 more, mode of net, numpy's random stream"
    assert what("gradient of a", "gradient of b", "torch's random stream", "numpy's random stream", "grad mode") == (
        "gradient of a and 1 more, torch's random stream, numpy's random stream and 1 other"
    )


def test_places():
    assert str(Place("setup", 0, 0)) == "setup before step 1"
    assert str(Place("on_after_backward", 3, 2)) == "on_after_backward in step 3 (epoch 2)"
    assert str(Place("on_validation_end", 3, 2)) == "on_validation_end after step 3 (epoch 2)"


def test_it_is_true_only_without_a_difference():
    difference = Difference(("a",), Place("on_train_end", 4, 2), is_direct=True)
    assert Certificate(4, 2, 3)
    assert not Certificate(4, 2, 3, difference=difference)
    assert not Certificate(4, 2, 3, is_repeatable=False, difference=difference)
    text = str(Certificate(4, 2, 3, difference=difference, losses_differ=True))
    assert text.endswith(" changed a; losses differ, final weights are equal")
