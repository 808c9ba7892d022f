"""The split of names; test_folder.py tests it with files."""

from __future__ import annotations

import pytest

from featevo.data.split import split
from featevo.errors import UserError

GROUPS = [[f"a{i}" for i in range(10)], [f"b{i}" for i in range(30)]]


def test_both_sides_together_are_all_and_the_shares_are_proportional() -> None:
    train, val = split(GROUPS, ["a", "b"], 8, seed=0)
    assert [len(group) for group in val] == [2, 6]
    assert [sorted(one + other) for one, other in zip(train, val, strict=True)] == [sorted(group) for group in GROUPS]
    assert all(group == sorted(group) for group in train + val)


def test_only_the_seed_determines_the_split_and_larger_splits_contain_smaller_ones() -> None:
    shuffled = [list(reversed(group)) for group in GROUPS]
    assert split(GROUPS, ["a", "b"], 0.3, seed=1) == split(shuffled, ["a", "b"], 0.3, seed=1)
    assert split(GROUPS, ["a", "b"], 0.3, seed=1) != split(GROUPS, ["a", "b"], 0.3, seed=2)
    fewer, more = (split(GROUPS, ["a", "b"], size, seed=1)[1] for size in (0.2, 0.5))
    assert all(set(one) < set(other) for one, other in zip(fewer, more, strict=True))


def test_a_size_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(UserError, match=r"^data\.val_size=40: .* 2 to 38 images in all"):
        split(GROUPS, ["a", "b"], 40, seed=0)
    with pytest.raises(UserError, match=r"at least 2 images are needed in each of: b$"):
        split([["x", "y"], ["z"]], ["a", "b"], 0.5, seed=0)
