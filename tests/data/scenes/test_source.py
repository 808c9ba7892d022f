"""The drawn images as a source: the choice of classes, the number of images, and errors."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from featevo.data.scenes import CLASSES, MOST, ScenesSource, class_names
from featevo.errors import UserError


def test_splits_have_the_given_sizes_and_names() -> None:
    splits = ScenesSource(num_classes=3, image_size=32, train_per_class=5, val_per_class=2).splits()
    assert (len(splits.train), len(splits.val)) == (15, 6)
    assert list(splits.classes) == list(CLASSES[:3])
    assert splits.train[0][0].shape == (3, 32, 32)


def test_the_first_four_classes_are_the_default_ones() -> None:
    assert list(ScenesSource(num_classes=4).splits().classes) == ["tree frog", "flamingo", "pool table", "hamburger"]


def test_classes_are_taken_in_the_order_named() -> None:
    splits = ScenesSource(classes=["hamburger", "tree frog"], train_per_class=1, val_per_class=1).splits()
    assert list(splits.classes) == ["hamburger", "tree frog"]
    assert splits.train[0][1] == 0


def test_after_the_named_classes_come_species() -> None:
    classes = list(ScenesSource(num_classes=100).splits().classes)
    assert classes[:4] == list(CLASSES)
    assert classes == list(class_names(100))


def test_a_thousand_classes() -> None:
    splits = ScenesSource(num_classes=1_000, image_size=32, train_per_class=1, val_per_class=1).splits()
    assert len(splits.classes) == len(splits.train) == 1_000
    assert splits.train[999][1] == 999


def test_species_are_taken_by_name() -> None:
    names = [class_names(40)[-1], "flamingo", class_names(9)[-1]]
    assert list(ScenesSource(classes=names).splits().classes) == names


def test_skipped_classes_are_left_out() -> None:
    assert list(ScenesSource(num_classes=64, skip=4).splits().classes) == list(class_names(68)[4:])
    assert list(ScenesSource(num_classes=3, skip=2).splits().classes) == list(class_names(5)[2:])
    assert list(ScenesSource(skip=1).splits().classes) == list(CLASSES[1:])
    assert len(ScenesSource(num_classes=2, skip=MOST - 2).splits().classes) == 2


def test_the_default_is_the_named_classes() -> None:
    assert list(ScenesSource().splits().classes) == list(CLASSES)


def test_both_choices_may_agree() -> None:
    assert len(ScenesSource(num_classes=2, classes=["hamburger", "flamingo"]).splits().classes) == 2


def test_the_seed_reaches_both_splits() -> None:
    one, other = (ScenesSource(num_classes=2, image_size=32, seed=seed).splits() for seed in (0, 1))
    assert not torch.equal(one.train[0][0], other.train[0][0])
    assert not torch.equal(one.val[0][0], other.val[0][0])
    assert not torch.equal(one.train[0][0], one.val[0][0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 1}, r"data\.num_classes is 1.*at least 2"),
        ({"num_classes": 10**6}, rf"data\.num_classes is 1000000.*2 to {MOST}"),
        ({"num_classes": MOST, "skip": 1}, rf"data\.num_classes is {MOST} and data\.source\.skip is 1;.*2 to {MOST}"),
        ({"skip": 4}, r"data\.source\.skip is 4, which leaves 0 of the 4 named classes; say how many"),
        ({"skip": 9}, r"which leaves 0 of the 4"),
        ({"skip": -1, "num_classes": 8}, r"data\.source\.skip is -1.*at least 0"),
        ({"skip": "4", "num_classes": 8}, r"data\.source\.skip is '4'.*whole number"),
        ({"skip": 2, "classes": ["hamburger", "flamingo"]}, r"data\.source\.skip is 2, but data\.classes names"),
        ({"num_classes": "four"}, r"data\.num_classes is 'four'.*whole number"),
        ({"num_classes": 3, "classes": ["hamburger", "flamingo"]}, r"data\.num_classes is 3.*data\.classes names 2"),
        ({"classes": ["hamburgr", "flamingo"]}, r"data\.classes names 'hamburgr'.*did you mean 'hamburger'"),
        ({"classes": []}, r"data\.classes names 0.*at least 2"),
        ({"image_size": 31}, r"data\.image_size is 31"),
        ({"train_per_class": 0}, r"data\.source\.train_per_class is 0"),
        ({"val_per_class": 0}, r"data\.source\.val_per_class is 0"),
        ({"seed": -1}, r"seed is -1"),
    ],
)
def test_mistakes_are_errors_at_construction(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        ScenesSource(**arguments)
