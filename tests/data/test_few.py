"""The choice of a few images of each class."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from featevo.data.few import few
from featevo.errors import UserError

IMAGES = [(number, number % 3) for number in range(29)]  # ten of "a" and of "b", nine of "c"


def chosen(per_class: Any, seed: int = 0, images: list[tuple[int, int]] = IMAGES) -> list[tuple[int, int]]:
    return list(few(images, per_class, ["a", "b", "c"], seed, "data.source.train_per_class"))


def test_equally_many_of_each_class_in_the_order_of_the_set() -> None:
    found = chosen(4)
    assert Counter(label for _, label in found) == {0: 4, 1: 4, 2: 4}
    assert found == sorted(found)
    assert set(found) < set(IMAGES)
    assert chosen(None) == IMAGES


def test_only_the_seed_decides_and_larger_choices_contain_smaller_ones() -> None:
    assert chosen(4) == chosen(4)
    assert chosen(4) != chosen(4, seed=1)
    assert set(chosen(2)) < set(chosen(4)) < set(chosen(9))
    alone = [(number, label) for number, label in IMAGES if label != 2]
    found = few(alone, 4, ["a", "b"], 0, "data.source.train_per_class")
    assert list(found) == [image for image in chosen(4) if image[1] != 2]


@pytest.mark.parametrize("per_class", [10, 0, -1, 2.0, True, "x"])
def test_a_number_that_not_every_class_has_is_refused(per_class: Any) -> None:
    with pytest.raises(UserError) as caught:
        chosen(per_class)
    allowed = "must be null for all, or from 1 to 9, the images of c"
    assert str(caught.value) == f"data.source.train_per_class={per_class}: {allowed}"
