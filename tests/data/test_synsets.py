"""The table of ImageNet's classes against torchvision's names, and looking names up in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision.datasets import Imagenette
from torchvision.models import VGG16_Weights

from featevo.data.synsets import Synsets, read_synsets
from featevo.errors import UserError

NAMES = read_synsets()
IMAGENET = Synsets(NAMES, "ImageNet")


def test_ids_are_a_thousand_in_the_order_of_class_indices() -> None:
    assert len(NAMES) == 1000
    assert list(NAMES) == sorted(NAMES)
    assert all(name == name.strip() and name for names in NAMES.values() for name in names)


def test_first_names_are_torchvisions_except_for_two() -> None:
    theirs = VGG16_Weights.IMAGENET1K_V1.meta["categories"]
    different = {
        index for index, (names, name) in enumerate(zip(NAMES.values(), theirs, strict=True)) if names[0] != name
    }
    assert {theirs[index] for index in different} == {"crane bird", "maillot tank suit"}
    assert [IMAGENET.find(theirs[index]) for index in sorted(different)] == sorted(different)


def test_ids_belong_to_their_names() -> None:
    for key, names in Imagenette._WNID_TO_CLASS.items():
        assert NAMES[key] == list(names)
    assert NAMES["n01644373"] == ["tree frog", "tree-frog"]
    assert NAMES["n07697313"] == ["cheeseburger"]


def test_every_id_and_every_label_gives_its_place() -> None:
    assert len(set(IMAGENET.labels)) == 1000
    assert [IMAGENET.find(key) for key in IMAGENET.ids] == list(range(1000))
    assert [IMAGENET.find(label) for label in IMAGENET.labels] == list(range(1000))


@pytest.mark.parametrize(
    ("name", "key", "label"),
    [
        ("tree frog", "n01644373", "tree frog"),
        ("Tree_Frog", "n01644373", "tree frog"),
        ("billiard table", "n03982430", "pool table"),
        ("hamburger", "n07697313", "cheeseburger"),
        ("crayfish", "n01985128", "crayfish"),  # also another name of the spiny lobster
        ("tank suit", "n03710721", "tank suit"),  # its first name is maillot, as of the class before it
        ("n03126707", "n03126707", "crane machine"),
        ("cardigan n02963159", "n02963159", "cardigan n02963159"),  # the dog is a Cardigan, too
    ],
)
def test_names_people_use(name: str, key: str, label: str) -> None:
    place = IMAGENET.find(name)
    assert (IMAGENET.ids[place], IMAGENET.labels[place]) == (key, label)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crane", "'crane' is 2 classes of ImageNet, give one's id (n02012849: crane, crane bird; n03126707: crane, c"),
        ("maillot", "(n03710637: maillot; n03710721: maillot, tank suit, maillot tank suit)"),
        ("panther", "n02125311: cougar, puma,"),
        ("tree frg", "no class 'tree frg' in ImageNet, did you mean 'tree frog' (n01644373)?"),
        ("zzzzz", "no class 'zzzzz' in ImageNet; it has tench, goldfish, "),
        ("n00000001", "no class 'n00000001' in ImageNet; it has tench"),
    ],
)
def test_mistakes_are_one_line(name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        IMAGENET.find(name)
    assert message in str(caught.value)
    assert str(caught.value).startswith("data.classes: ")
    assert "\n" not in str(caught.value)


def test_another_table_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("n00000001 unicorn, one-horn\nn01644373 hyla\n\n")
    names = read_synsets(tmp_path / "more.txt")
    assert (len(names), names["n00000001"], names["n01644373"]) == (1001, ["unicorn", "one-horn"], ["hyla"])
    (tmp_path / "more.txt").write_text("n00000001 unicorn\nhorse, mare\n")
    with pytest.raises(UserError, match=r"more\.txt, line 2: expected a WordNet id and names"):
        read_synsets(tmp_path / "more.txt")
