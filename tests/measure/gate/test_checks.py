"""The rules of parts a and b: means that obey them all, and one violation of each."""

import pytest
from scipy.stats import spearmanr

from featevo.measure.gate.checks import checked, ratio
from featevo.measure.gate.pictures import pictures
from featevo.measure.gate.rungs import STRUCTURED


@pytest.fixture(scope="module")
def good():
    means = dict.fromkeys(pictures(32, 1), 0.5)
    means |= {kind: 3.0 for kind in means if kind.startswith(("photographs", "scene", "4 shapes"))}
    return (
        means
        | {rung: float(place) for place, rung in enumerate(STRUCTURED, 1)}
        | at("4 shapes", 3.0)
        | at("scene", 6.0)
    )


def at(kind, value):
    """Means of a kind and of all its changes."""
    changes = ("a quarter of the contrast", "half the contrast, grey", "another mean colour", "mirrored")
    return {kind: value} | {f"{kind}, {change}": value for change in changes}


def failed(means):
    return {check.name: check for check in checked(means) if not check.passed}


def test_means_that_obey_every_rule(good):
    checks = checked(good)
    assert not failed(good)
    assert [(check.part, check.name) for check in checks] == [
        ("a", "noise"),
        ("a", "shuffled blocks"),
        ("a", "order"),
        ("b", "a quarter of the contrast"),
        ("b", "another mean colour"),
        ("b", "mirrored"),
    ]
    assert [check.value for check in checks] == pytest.approx([0.25, 0.5 / 3, 1, 0, 0, 0])
    assert checks[0].reason.endswith("is below 2 shapes (2)")


@pytest.mark.parametrize(
    "kind", ["median once", "blur 6 px, RMS 0.3", "1/f noise", "checkerboard 8 px", "phase-randomised photographs"]
)
def test_noise_must_be_below_two_shapes(good, kind):
    found = failed({**good, kind: 2.0})
    assert set(found) == {"noise"}
    assert found["noise"].reason == f"{kind} (2) is not below 2 shapes (2)"
    assert found["noise"].value == 1
    assert found["noise"].kind == kind
    assert not failed({**good, kind: 1.99})


def test_shuffled_photographs_must_be_below_photographs(good):
    found = failed({**good, "shuffled photographs": 3.0})
    assert found["shuffled blocks"].reason == "shuffled photographs (3) are not below photographs (3)"
    assert not failed({**good, "shuffled photographs": 2.9})  # they may lie above 2 shapes


def test_shapes_and_scenes_must_keep_their_order(good):
    one_pair = {**good, "8 shapes": 5.5}
    assert not failed(one_pair)
    two_pairs = {**one_pair, "1 shape": 2.5}
    check = failed(two_pairs)["order"]
    assert check.value == pytest.approx(spearmanr(range(6), [two_pairs[rung] for rung in STRUCTURED]).statistic)
    assert check.reason == "the order of shapes and scene is kept to 0.89"


@pytest.mark.parametrize("change", ["a quarter of the contrast", "mirrored", "another mean colour"])
@pytest.mark.parametrize("kind", ["photographs", "scene", "4 shapes"])
def test_means_may_change_by_a_tenth(good, kind, change):
    found = failed({**good, f"{kind}, {change}": good[kind] * 0.88})
    assert set(found) == {change}
    assert found[change].kind == kind
    assert found[change].reason == f"{kind}, {change}: -12%"
    assert not failed({**good, f"{kind}, {change}": good[kind] * 1.09})


def test_another_mean_colour_is_compared_with_half_the_contrast(good):
    means = {**good, "scene, half the contrast, grey": 3.0, "scene, another mean colour": 3.1}
    assert not failed(means)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", ["white noise", "2 shapes", "scene", "photographs", "4 shapes, mirrored"])
def test_what_is_no_number_fails(good, kind, value):
    assert failed({**good, kind: value})


def test_a_constant_measure_fails(good):
    assert {"noise", "shuffled blocks", "order"} == set(failed(dict.fromkeys(good, 1.0)))


def test_ratios_of_zero():
    assert ratio(0, 0) == 1
    assert ratio(2, 0) == float("inf")
    assert ratio(3, 2) == 1.5
