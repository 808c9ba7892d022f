"""The drawn data set: the same for the same seed, different otherwise, balanced, with clear errors."""

from __future__ import annotations

import pytest
import torch

from featevo.data.scenes import CLASSES, Scenes, class_names
from featevo.errors import UserError


def scenes(per_class: int = 3, size: int = 32, seed: int = 0, split: str = "train") -> Scenes:
    return Scenes(CLASSES[:4], per_class, size, seed, split)


def stamps(images: Scenes) -> set[bytes]:
    return {images[i][0].numpy().tobytes() for i in range(len(images))}


def test_same_arguments_give_the_same_bytes() -> None:
    first, second = scenes(), scenes()
    for i in range(len(first)):
        assert torch.equal(first[i][0], second[i][0])
        assert first[i][1] == second[i][1]


def test_reading_in_another_order_gives_the_same_image() -> None:
    images = scenes()
    before = images[5][0].clone()
    _ = images[0], images[11]
    assert torch.equal(images[5][0], before)


@pytest.mark.parametrize("other", [{"seed": 1}, {"split": "val"}])
def test_another_seed_or_split_shares_no_image(other: dict) -> None:
    assert stamps(scenes(per_class=25)).isdisjoint(stamps(scenes(per_class=25, **other)))


def test_all_images_differ() -> None:
    images = scenes(per_class=25)
    assert len(stamps(images)) == len(images) == 100


def test_an_image_does_not_depend_on_the_number_of_images() -> None:
    few, many = scenes(per_class=2), scenes(per_class=50)
    for i in range(len(few)):
        assert torch.equal(few[i][0], many[i][0])
        assert few[i][1] == many[i][1]


def test_classes_are_balanced_at_every_multiple() -> None:
    labels = [scenes(per_class=5)[i][1] for i in range(20)]
    assert [labels.count(k) for k in range(4)] == [5, 5, 5, 5]
    assert sorted(labels[:4]) == [0, 1, 2, 3]


def test_labels_follow_the_order_of_the_names() -> None:
    straight = Scenes(CLASSES[:2], 2, 32, 0, "train")
    turned = Scenes(CLASSES[1::-1], 2, 32, 0, "train")
    for number in range(2):
        assert torch.equal(straight[2 * number][0], turned[2 * number + 1][0])


def test_other_classes_change_only_loose_shapes_of_a_species() -> None:
    few = Scenes(class_names(10, skip=4), 2, 32, 0, "val")
    many = Scenes(class_names(200), 2, 32, 0, "val")
    for label in range(10):
        (one, first), (other, second) = few[10 + label], many[200 + 4 + label]
        assert (first, second) == (label, 4 + label)
        # Loose shapes have other colours; everything else, including the noise, is the same.
        assert (one == other).all(dim=0).float().mean() > 0.3


def test_species_share_no_image_with_each_other() -> None:
    assert len(stamps(Scenes(class_names(40), 2, 32, 0, "train"))) == 80


@pytest.mark.parametrize("size", [32, 33, 48, 64, 224])
def test_any_size(size: int) -> None:
    images = Scenes(class_names(20), 1, size, 0, "train")
    for i in range(20):
        image, _ = images[i]
        assert image.shape == (3, size, size)
        assert image.dtype == torch.uint8
        assert image.is_contiguous()


def test_sizes_show_the_same_scene() -> None:
    small, large = (Scenes(class_names(20), 1, size, 0, "train") for size in (32, 128))
    for i in range(20):
        shrunk = torch.nn.functional.avg_pool2d(large[i][0].float(), 4).flatten()
        drawn = small[i][0].float().flatten()
        assert torch.corrcoef(torch.stack([shrunk, drawn]))[0, 1] > 0.8


def test_reading_past_the_end_stops() -> None:
    images = scenes(per_class=1)
    for index in (4, -1):
        with pytest.raises(IndexError, match="of 4"):
            _ = images[index]
    assert len(list(images)) == 4  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["tree frog", "flamingoo"], 1, 32, 0, "train"), r"data\.classes names 'flamingoo'.*did you mean 'flamingo'"),
        ((["tree frog", "zzzz"], 1, 32, 0, "train"), r"'zzzz'.*allowed are tree frog, flamingo, pool table, hamburger"),
        ((["tree frog", "modo runner"], 1, 32, 0, "train"), r"'modo runner'.*did you mean 'modu runner'"),
        ((["tree frog", "modu jelly"], 1, 32, 0, "train"), r"'modu jelly', which is not drawn"),
        ((["modu runner", "modu runner"], 1, 32, 0, "train"), r"'modu runner' more than once"),
        ((["tree frog", 7], 1, 32, 0, "train"), r"'7', which is not drawn"),
        ((["tree frog", "tree frog"], 1, 32, 0, "train"), r"'tree frog' more than once"),
        ((["tree frog"], 1, 32, 0, "train"), r"at least 2"),
        (("tree frog", 1, 32, 0, "train"), r"must be a list"),
        ((CLASSES, 0, 32, 0, "train"), r"data\.source\.train_per_class is 0.*at least 1"),
        ((CLASSES, 0, 32, 0, "val"), r"data\.source\.val_per_class is 0"),
        ((CLASSES, 1, 31, 0, "train"), r"data\.image_size is 31.*at least 32"),
        ((CLASSES, 1, 64.5, 0, "train"), r"data\.image_size is 64\.5.*whole number"),
        ((CLASSES, 1, 32, -1, "train"), r"seed is -1"),
        ((CLASSES, 1, 32, 0, "test"), r"split is 'test'; allowed are train, val"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        Scenes(*arguments)
    assert "\n" not in str(caught.value)
