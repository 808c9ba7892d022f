"""Choosing classes: by name, by number, all, and each mistake in one line."""

from __future__ import annotations

from functools import partial

import pytest

from featevo.data.choose import bare, by_name, choose, listed
from featevo.errors import UserError

FOUND = ["ant", "bee", "cat", "dog"]


@pytest.mark.parametrize(
    ("num_classes", "classes", "expected"),
    [
        (None, None, [0, 1, 2, 3]),
        (3, None, [0, 1, 2]),
        (None, ["dog", "ant"], [3, 0]),
        (2, ["dog", "ant"], [3, 0]),
    ],
)
def test_classes_are_chosen_in_order(num_classes: int | None, classes: list[str] | None, expected: list[int]) -> None:
    assert choose(FOUND, num_classes, classes, "the zoo") == expected


@pytest.mark.parametrize(
    ("num_classes", "classes", "message"),
    [
        (1, None, "data.num_classes=1: the zoo allows 2 to 4, its classes"),
        (5, ["ant", "bee"], "data.num_classes=5: the zoo allows 2 to 4, its classes"),
        (None, ["ant"], "data.classes: 1 named, at least 2 are needed; the zoo has ant, bee, cat, dog"),
        (
            None,
            ["ant", "dgo"],
            "data.classes: no class 'dgo' in the zoo, did you mean 'dog'? It has ant, bee, cat, dog",
        ),
        (None, ["ant", "x"], "data.classes: no class 'x' in the zoo; it has ant, bee, cat, dog"),
        (None, ["ant", "bee", "ant"], "data.classes: ant named more than once"),
        (3, ["ant", "bee"], "data.num_classes=3 but data.classes names 2: give only one"),
    ],
)
def test_mistakes_are_one_line(num_classes: int | None, classes: list[str] | None, message: str) -> None:
    with pytest.raises(UserError) as caught:
        choose(FOUND, num_classes, classes, "the zoo")
    assert str(caught.value) == message


def test_a_looser_search_still_finds_duplicates() -> None:
    find = partial(by_name, found=["colt's foot", "rose"], where="the garden", key=bare)
    assert choose(["colt's foot", "rose"], None, ["Rose", "colts_foot"], "the garden", find) == [1, 0]
    with pytest.raises(UserError, match="rose named more than once"):
        choose(["colt's foot", "rose"], None, ["Rose", "rose"], "the garden", find)
    with pytest.raises(UserError, match='did you mean "colt\'s foot"'):
        find("colts food")


def test_long_lists_are_cut() -> None:
    assert listed(list("abc"), limit=3) == "a, b, c"
    assert listed(list("abcde"), limit=3) == "a, b, c and 2 more"
