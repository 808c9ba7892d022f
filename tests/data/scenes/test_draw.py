"""Whole pictures: lively, distinct from class to class, and not told apart by their colour alone."""

from __future__ import annotations

import numpy as np
import pytest

from featevo.data.scenes import CLASSES, Scenes
from featevo.data.scenes.canvas import Canvas
from featevo.data.scenes.draw import draw_scene
from featevo.data.scenes.registry import REGISTRY

FOUR = CLASSES[:4]


def mean_colours(split: str) -> tuple[np.ndarray, np.ndarray]:
    pictures = Scenes(FOUR, 100, 32, 0, split)
    items = [pictures[i] for i in range(len(pictures))]
    return np.array([p.float().mean((1, 2)).numpy() for p, _ in items]), np.array([label for _, label in items])


def alone(name: str, seed: int, size: int = 48) -> np.ndarray:
    """The object by itself on white."""
    canvas = Canvas(size, np.full((2, 2, 3), 255, np.uint8))
    REGISTRY[name].draw(canvas, np.random.default_rng(seed))
    return canvas.pixels()


@pytest.mark.parametrize("name", FOUR)
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
