"""Whole pictures: lively, distinct from class to class, and not told apart by their colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import overload

import numpy as np
import PIL
import pytest

from featevo.data.scenes import CLASSES, Scenes, class_names
from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.draw import draw_scene
from featevo.data.scenes.registry import REGISTRY

FOUR = CLASSES[:4]
SPECIES = class_names(28, skip=4)


def mean_colours(split: str, classes: Sequence[str] = FOUR, per_class: int = 100) -> tuple[np.ndarray, np.ndarray]:
    pictures = Scenes(classes, per_class, 32, 0, split)
    items = [pictures[i] for i in range(len(pictures))]
    return np.array([p.float().mean((1, 2)).numpy() for p, _ in items]), np.array([label for _, label in items])


def alone(name: str, seed: int, size: int = 48) -> np.ndarray:
    """The object by itself on white."""
    canvas = Canvas(size, np.full((2, 2, 3), 255, np.uint8))
    REGISTRY[name].draw(canvas, np.random.default_rng(seed))
    return canvas.pixels()


@pytest.mark.parametrize("name", FOUR + SPECIES)
def test_pictures_have_contrast_and_no_even_colour(name: str) -> None:
    for seed in range(10):
        picture = draw_scene(name, 64, np.random.default_rng(seed))
        assert picture.shape == (64, 64, 3)
        assert picture.dtype == np.uint8
        assert picture.mean() > 15
        assert picture.std() > 8


@pytest.mark.parametrize("name", FOUR)
def test_an_object_fills_a_good_part_of_its_frame_and_varies(name: str) -> None:
    drawn = [alone(name, seed) for seed in range(6)]
    for picture in drawn:
        assert 0.1 < (picture < 250).any(axis=2).mean() < 0.9
    assert len({picture.tobytes() for picture in drawn}) == 6


def test_each_class_has_its_own_shape() -> None:
    shapes = {name: np.mean([(alone(name, s) < 250).any(axis=2) for s in range(8)], axis=0) for name in FOUR}
    for name in FOUR:
        own = np.mean([(alone(name, s) < 250).any(axis=2) for s in range(8, 16)], axis=0)
        nearest = min(FOUR, key=lambda other: float(np.abs(shapes[other] - own).mean()))
        assert nearest == name


def test_loose_shapes_avoid_the_class_and_follow_the_rivals() -> None:
    few = draw_scene("flamingo", 32, np.random.default_rng(3), ["flamingo", "tree frog"])
    other = draw_scene("flamingo", 32, np.random.default_rng(3), ["flamingo", "pool table"])
    assert not np.array_equal(few, other)


# Pillow decides every pixel: another major version may round an outline otherwise, and the pictures of the default task
# then change with it, not by our doing. Within one version they may not change, but for what the C library's sine and
# exponential round otherwise on another kind of processor: where that was seen, both digests stand here.
@pytest.mark.skipif(PIL.__version__.split(".")[0] != "13", reason="pinned with Pillow 13")
@pytest.mark.parametrize(
    ("classes", "digests"),
    [
        (FOUR, ["e67cdb52a5ff52714435e7846a274960e42cc040737b5cf0619e3e9e937b289a"]),
        (
            FOUR[:2],
            [
                "68dd63e358b10dc0c1c1e113b8781d1d6a68100d9ce3fd2c232c8fd1c48d1f50",
                "a5f4449eba2aa2e7fedeb8e045176ab2eee3e3c6515cf2d7d4a32b7e95e17ff2",
            ],
        ),
        (("hamburger", "pool table"), ["301262c796992492c1057cbba8d2e24f97d9f1abc878990c278af4f9db0e9892"]),
    ],
)
def test_pictures_of_the_named_classes_never_change(classes: tuple[str, ...], digests: list[str]) -> None:
    pictures = Scenes(classes, 2, 64, 0, "train")
    drawn = b"".join(pictures[i][0].numpy().tobytes() for i in range(len(pictures)))
    assert sha256(drawn).hexdigest() in digests


def same_pixels(name: str, first: Sequence[str], other: Sequence[str]) -> float:
    """The share of pixels that are the same, over pictures drawn among these and those rivals."""
    shares = []
    for seed in range(12):
        one, two = (draw_scene(name, 64, np.random.default_rng(seed), rivals) for rivals in (first, other))
        shares.append((one == two).all(axis=2).mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("name", [SPECIES[0], SPECIES[9], "tree frog"])
def test_other_classes_change_only_the_colours_of_loose_shapes(name: str) -> None:
    # The sensor's noise is in every pixel: they are equal only while the stream of chance is in step to the end.
    few, many = class_names(6), class_names(300)
    assert 0.5 < same_pixels(name, few, many) < 1.0


def test_a_named_class_among_species_is_the_default_picture_but_for_loose_shapes() -> None:
    assert 0.5 < same_pixels("flamingo", FOUR, class_names(40)) < 1.0


def test_a_picture_costs_the_same_among_any_number_of_rivals() -> None:
    class Watched(Sequence[str]):
        """Ten thousand rivals that count how many of them are asked for."""

        asked = 0

        def __len__(self) -> int:
            return 10_000

        @overload
        def __getitem__(self, place: int) -> str: ...

        @overload
        def __getitem__(self, place: slice) -> Sequence[str]: ...

        def __getitem__(self, place: int | slice) -> str | Sequence[str]:
            assert isinstance(place, int)
            self.asked += 1
            return SPECIES[place % len(SPECIES)]

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("all rivals are asked for")

    rivals = Watched()
    draw_scene(SPECIES[3], 32, np.random.default_rng(0), rivals)
    draw_scene("hamburger", 32, np.random.default_rng(0), rivals)
    assert 4 <= rivals.asked <= 4 * 8


def test_mean_colour_does_not_give_the_class_away() -> None:
    train, labels = mean_colours("train")
    val, truth = mean_colours("val")
    centres = np.stack([train[labels == k].mean(axis=0) for k in range(4)])
    nearest = np.linalg.norm(val[:, None] - centres, axis=2).argmin(axis=1)
    assert np.mean(nearest == truth) < 0.6

    def with_one(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x / 255, np.ones((len(x), 1))], axis=1)

    weights = np.linalg.lstsq(with_one(train), np.eye(4)[labels], rcond=None)[0]
    assert np.mean((with_one(val) @ weights).argmax(axis=1) == truth) < 0.6


def test_mean_colour_tells_little_about_species() -> None:
    classes = class_names(32)
    train, labels = mean_colours("train", classes, 24)
    val, truth = mean_colours("val", classes, 12)
    weights = np.linalg.lstsq(np.c_[train / 255, np.ones(len(train))], np.eye(32)[labels], rcond=None)[0]
    assert np.mean((np.c_[val / 255, np.ones(len(val))] @ weights).argmax(axis=1) == truth) < 0.2
    centres = np.stack([train[labels == k].mean(axis=0) for k in range(32)])
    assert np.mean(np.linalg.norm(val[:, None] - centres, axis=2).argmin(axis=1) == truth) < 0.2
