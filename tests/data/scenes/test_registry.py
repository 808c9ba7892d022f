"""The list of classes: four named ones, then species; each has one name and one place."""

from __future__ import annotations

import pytest

from featevo.data.scenes import CLASSES, MOST, class_names, known
from featevo.data.scenes.registry import REGISTRY, class_name, drawn, place_of


def test_the_named_ones_come_first() -> None:
    assert CLASSES == ("tree frog", "flamingo", "pool table", "hamburger") == tuple(REGISTRY)
    assert class_names(4) == CLASSES
    assert class_names(6)[:4] == CLASSES


def test_names_do_not_depend_on_the_count() -> None:
    assert class_names(1_004)[:50] == class_names(50)
    assert class_names(60, skip=4) == class_names(64)[4:]
    assert class_names(3, skip=2) == class_names(5)[2:]


def test_a_thousand_names_are_unique_and_known_and_have_their_places() -> None:
    names = class_names(1_004)
    assert len(set(names)) == 1_004 <= MOST
    for place, name in enumerate(names):
        assert known(name)
        assert place_of(name) == place
        assert class_name(place) == name


def test_the_last_class_is_there() -> None:
    assert place_of(class_name(MOST - 1)) == MOST - 1 >= 1_000


@pytest.mark.parametrize("name", ["", "frog", "modu", "modu frog"])
def test_other_names_are_unknown(name: str) -> None:
    assert not known(name)
    with pytest.raises(KeyError):
        place_of(name)
    with pytest.raises(KeyError):
        drawn(name)
