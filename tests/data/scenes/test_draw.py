"""Whole images: they have contrast and differ between classes, and colour alone does not identify the class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import PIL
import pytest
from PIL import Image

from featevo.data.scenes import CLASSES, Scenes, class_names
from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.draw import draw_scene
from featevo.data.scenes.registry import REGISTRY

FOUR = CLASSES[:4]
SPECIES = class_names(28, skip=4)


def mean_colours(split: str, classes: Sequence[str] = FOUR, per_class: int = 100) -> tuple[np.ndarray, np.ndarray]:
    images = Scenes(classes, per_class, 32, 0, split)
    items = [images[i] for i in range(len(images))]
    return np.array([p.float().mean((1, 2)).numpy() for p, _ in items]), np.array([label for _, label in items])


def alone(name: str, seed: int, size: int = 48) -> np.ndarray:
    """The object alone, on white."""
    canvas = Canvas(size, np.full((2, 2, 3), 255, np.uint8))
    REGISTRY[name].draw(canvas, np.random.default_rng(seed))
    return canvas.pixels()


@pytest.mark.parametrize("name", FOUR + SPECIES)
def test_images_have_contrast_and_more_than_one_colour(name: str) -> None:
    for seed in range(10):
        image = draw_scene(name, 64, np.random.default_rng(seed))
        assert image.shape == (64, 64, 3)
        assert image.dtype == np.uint8
        assert image.mean() > 15
        assert image.std() > 8


@pytest.mark.parametrize("name", FOUR)
def test_an_object_fills_a_good_part_of_its_frame_and_varies(name: str) -> None:
    drawn = [alone(name, seed) for seed in range(6)]
    for image in drawn:
        assert 0.1 < (image < 250).any(axis=2).mean() < 0.9
    assert len({image.tobytes() for image in drawn}) == 6


def test_each_class_has_its_own_shape() -> None:
    shapes = {name: np.mean([(alone(name, s) < 250).any(axis=2) for s in range(8)], axis=0) for name in FOUR}
    for name in FOUR:
        own = np.mean([(alone(name, s) < 250).any(axis=2) for s in range(8, 16)], axis=0)
        nearest = min(FOUR, key=lambda other: float(np.abs(shapes[other] - own).mean()))
        assert nearest == name


def test_loose_shapes_have_colours_of_the_rivals() -> None:
    few = draw_scene("flamingo", 32, np.random.default_rng(3), ["flamingo", "tree frog"])
    other = draw_scene("flamingo", 32, np.random.default_rng(3), ["flamingo", "pool table"])
    assert not np.array_equal(few, other)


# Another major version of Pillow may round outlines differently. The C library may round sine and exponential
# differently on another kind of processor, so a few pixels may differ.
@pytest.mark.skipif(PIL.__version__.split(".")[0] != "13", reason="pinned with Pillow 13")
@pytest.mark.parametrize("row", [0, 1, 2])
def test_images_of_the_named_classes_never_change(row: int) -> None:
    """`named.png` has one row of images per task; `python -m tests.data.scenes.test_draw` writes it."""
    with Image.open(NAMED) as image:
        kept = np.asarray(image)[64 * row : 64 * (row + 1)].astype(int)
    drawn = drawn_row(TASKS[row]).astype(int)
    different = (np.abs(drawn - kept[:, : drawn.shape[1]]) > 8).any(-1)
    assert different.mean() < 0.001


TASKS = (FOUR, FOUR[:2], ("hamburger", "pool table"))
NAMED = Path(__file__).with_name("named.png")


def drawn_row(classes: Sequence[str]) -> np.ndarray:
    """The first two training images of each class side by side, (64, W, 3)."""
    images = Scenes(classes, 2, 64, 0, "train")
    return np.concatenate([images[index][0].permute(1, 2, 0).numpy() for index in range(len(images))], 1)


def same_pixels(name: str, first: Sequence[str], other: Sequence[str]) -> float:
    """The share of equal pixels, over images drawn with the first and with the other rivals."""
    shares = []
    for seed in range(12):
        one, two = (draw_scene(name, 64, np.random.default_rng(seed), rivals) for rivals in (first, other))
        shares.append((one == two).all(axis=2).mean())
    return float(np.mean(shares))


@pytest.mark.parametrize("name", [SPECIES[0], SPECIES[9], "tree frog"])
def test_other_classes_change_only_the_colours_of_loose_shapes(name: str) -> None:
    # Every pixel has noise, so pixels are equal only if all random draws to the end are the same.
    few, many = class_names(6), class_names(300)
    assert 0.5 < same_pixels(name, few, many) < 1.0


def test_a_named_class_among_species_differs_from_the_default_only_in_loose_shapes() -> None:
    assert 0.5 < same_pixels("flamingo", FOUR, class_names(40)) < 1.0


def test_the_cost_of_an_image_does_not_depend_on_the_number_of_rivals() -> None:
    class Counted(Sequence[str]):
        """Ten thousand rivals that count how many of them are read."""

        reads = 0

        def __len__(self) -> int:
            return 10_000

        @overload
        def __getitem__(self, place: int) -> str: ...

        @overload
        def __getitem__(self, place: slice) -> Sequence[str]: ...

        def __getitem__(self, place: int | slice) -> str | Sequence[str]:
            assert isinstance(place, int)
            self.reads += 1
            return SPECIES[place % len(SPECIES)]

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("all rivals are read")

    rivals = Counted()
    draw_scene(SPECIES[3], 32, np.random.default_rng(0), rivals)
    draw_scene("hamburger", 32, np.random.default_rng(0), rivals)
    assert 4 <= rivals.reads <= 4 * 8


def test_mean_colour_does_not_determine_the_class() -> None:
    train, labels = mean_colours("train")
    val, truth = mean_colours("val")
    centres = np.stack([train[labels == k].mean(axis=0) for k in range(4)])
    nearest = np.linalg.norm(val[:, None] - centres, axis=2).argmin(axis=1)
    assert np.mean(nearest == truth) < 0.6

    def with_one(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x / 255, np.ones((len(x), 1))], axis=1)

    weights = np.linalg.lstsq(with_one(train), np.eye(4)[labels], rcond=None)[0]
    assert np.mean((with_one(val) @ weights).argmax(axis=1) == truth) < 0.6


def test_mean_colour_hardly_predicts_the_species() -> None:
    classes = class_names(32)
    train, labels = mean_colours("train", classes, 24)
    val, truth = mean_colours("val", classes, 12)
    weights = np.linalg.lstsq(np.c_[train / 255, np.ones(len(train))], np.eye(32)[labels], rcond=None)[0]
    assert np.mean((np.c_[val / 255, np.ones(len(val))] @ weights).argmax(axis=1) == truth) < 0.2
    centres = np.stack([train[labels == k].mean(axis=0) for k in range(32)])
    assert np.mean(np.linalg.norm(val[:, None] - centres, axis=2).argmin(axis=1) == truth) < 0.2


if __name__ == "__main__":
    rows = [drawn_row(classes) for classes in TASKS]
    sheet = np.zeros((64 * len(rows), max(row.shape[1] for row in rows), 3), np.uint8)
    for place, row in enumerate(rows):
        sheet[64 * place : 64 * (place + 1), : row.shape[1]] = row
    Image.fromarray(sheet).save(NAMED)
