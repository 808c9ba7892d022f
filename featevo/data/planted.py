"""Drawn images whose telling feature is known, to test measures and to teach what a network may learn instead.

Every image shows three objects on a grey background, in every task. Only the task decides what tells the classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from featevo.data.scenes.canvas import Canvas, Pose
from featevo.data.scenes.dataset import SMALLEST, SPLITS, at_least
from featevo.data.scenes.palette import hsv
from featevo.data.source import Splits
from featevo.errors import UserError

PAIRS = (("disc", "ring"), ("square", "triangle"), ("cross", "bar"))
KINDS = ("disc", "ring", "square", "triangle", "cross", "bar", "star", "arrow")

TASKS: dict[str, tuple[str, ...]] = {
    "colour": ("red", "orange", "green", "mint", "cyan", "blue", "violet", "pink"),
    "shape": KINDS,
    "two_parts": tuple(f"{one} and {other}" for one in (*PAIRS[0], *PAIRS[2]) for other in PAIRS[1]),
    "three_parts": tuple(", ".join(kinds) for kinds in product(*PAIRS)),
    "watermark": tuple(f"mark {number}" for number in range(1, 9)),
}
"""The names of the eight classes of each task."""

NOISE = 6
"""Standard deviation of the noise of all values, of 255."""

_CORNERS = np.array([(-0.45, -0.45), (0.45, -0.45), (0.45, 0.45), (-0.45, 0.45)])


class Planted:
    """Images of one task, equally many of each class; consecutive images are of different classes.

    An image depends only on the task, the seed, the split, its class and its number within the class.

    Args:
        task: One of `TASKS`. `colour`: the hue of all objects tells the class; their kinds are random. `shape`: all
            objects are of the class's kind; their colours are random here and below. `two_parts`: one object of four
            kinds, and one of two others, in every combination, so that neither tells the class alone. `three_parts`:
            one object of each of three pairs of kinds, in every combination, so that no two tell the class.
            `watermark`: a small mark in a corner, over random objects.
        per_class: Images of each class, at least 1.
        image_size: Side in pixels, at least 32.
        seed: Of all random choices, at least 0.
        split: "train" or "val".
    """

    def __init__(self, task: str, per_class: int, image_size: int, seed: int, split: str) -> None:
        self.task, self.per_class, self.image_size, self.seed, self.split = task, per_class, image_size, seed, split
        self.classes = TASKS[task]

    def __len__(self) -> int:
        return len(self.classes) * self.per_class

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (3, image_size, image_size) in 0..255, and its label."""
        if not 0 <= index < len(self):
            raise IndexError(f"image {index} of {len(self)}")
        number, label = divmod(index, len(self.classes))
        entropy = [self.seed, SPLITS[self.split], list(TASKS).index(self.task), label, number]
        image = draw(self.task, label, self.image_size, np.random.default_rng(np.random.SeedSequence(entropy)))
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))), label


def draw(task: str, label: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """One image of a class of a task, uint8 (size, size, 3)."""
    canvas = Canvas(size, _backdrop(rng), supersample=3)
    kinds, hues = _kinds(task, label, rng), rng.random(3)
    if task == "colour":
        hues = label / len(TASKS[task]) + rng.uniform(-0.03, 0.03, 3)
    places = _CORNERS[rng.permutation(len(_CORNERS))[:3]] + rng.uniform(-0.12, 0.12, (3, 2))
    for kind, hue, (x, y) in zip(kinds, hues, places.tolist(), strict=True):
        canvas.place(Pose(x, y, scale=rng.uniform(0.3, 0.4), angle=rng.uniform(-0.3, 0.3)))
        canvas.polygon(_OUTLINES[kind], hsv(float(hue), rng.uniform(0.7, 1), rng.uniform(0.7, 1)))
    noise = rng.normal(0, NOISE, (size, size, 3))
    image = np.clip(canvas.pixels() + noise, 0, 255).astype(np.uint8)
    if task == "watermark":
        side = size // 6
        image[-side:, -side:] = _mark(label, side)[:, :, None]
    return image


def _backdrop(rng: np.random.Generator) -> np.ndarray:
    """A soft gradient of dark or light grey, uint8 (2, 2, 3)."""
    grey = rng.uniform(30, 225) + rng.uniform(-25, 25, (2, 2, 1))
    return np.clip(grey, 0, 255).astype(np.uint8).repeat(3, 2)


def _kinds(task: str, label: int, rng: np.random.Generator) -> list[str]:
    if task == "shape":
        return [KINDS[label]] * 3
    if task == "two_parts":
        parts = TASKS[task][label].split(" and ")
        return [*parts, parts[int(rng.integers(2))]]
    if task == "three_parts":
        return TASKS[task][label].split(", ")
    return [KINDS[number] for number in rng.integers(len(KINDS), size=3)]


def _mark(label: int, side: int) -> np.ndarray:
    """One of eight patterns of 4 x 4 black and white squares, half of them white: uint8 (side, side)."""
    row, column = np.indices((side, side)) * 4 // side
    ways = (row, column, row + column, row // 2 + column // 2)
    return np.where((ways[label // 2] + label) % 2, 255, 0).astype(np.uint8)


def _regular(corners: int, radii: tuple[float, ...]) -> np.ndarray:
    """Corners around the centre, the first one at the top, at radii in turn."""
    turn = 2 * np.pi * np.arange(corners) / corners
    return np.resize(radii, corners)[:, None] * np.stack([np.sin(turn), -np.cos(turn)], 1)


_CROSS = np.array([(-0.3, -1), (0.3, -1), (0.3, -0.3)])
_OUTLINES = {
    "disc": _regular(48, (0.95,)),
    "ring": np.concatenate([_regular(48, (1.0,)), [(0, -1)], [(0, -0.55)], _regular(48, (0.55,))[::-1]]),
    "square": 0.85 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]),
    "triangle": _regular(3, (1.15,)),
    "cross": np.concatenate([_CROSS @ [(c, s), (-s, c)] for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]),
    "bar": np.array([(-0.32, -1.1), (0.32, -1.1), (0.32, 1.1), (-0.32, 1.1)]),
    "star": _regular(10, (1.15, 0.45)),
    "arrow": np.array([(0, -1.1), (0.9, 0), (0.35, 0), (0.35, 1.1), (-0.35, 1.1), (-0.35, 0), (-0.9, 0)]),
}
"""Of each kind, (n, 2) in the frame of the object."""


@dataclass(frozen=True, kw_only=True)
class PlantedSource:
    """Eight classes of drawn images whose telling feature is known; see `Planted`.

    Args:
        task: One of `TASKS`.
        image_size: Side of the images in pixels, at least 32.
        seed: Of all random choices in the images, at least 0.
        train_per_class: Training images of each class, at least 1.
        val_per_class: Validation images of each class, at least 1.
        num_classes: 8, or None, as each task has eight classes.
        classes: None, for the same reason.
    """

    task: str
    image_size: int = 64
    seed: int = 0
    train_per_class: int = 200
    val_per_class: int = 50
    num_classes: int | None = None
    classes: list[str] | None = None

    def splits(self) -> Splits:
        """Both sets; an image is drawn only when it is read.

        Raises:
            UserError: If an argument is not allowed.
        """
        if self.task not in TASKS:
            raise UserError(f"data.source.task={self.task}: allowed are {', '.join(TASKS)}")
        if self.classes is not None:
            raise UserError(f"data.classes={self.classes}: data=planted has its own eight classes in each task")
        if self.num_classes not in (None, len(TASKS[self.task])):
            raise UserError(f"data.num_classes={self.num_classes}: data=planted has eight classes in each task")
        size, seed = at_least(SMALLEST, self.image_size, "data.image_size"), at_least(0, self.seed, "seed")
        counts = {"train": self.train_per_class, "val": self.val_per_class}
        train, val = (
            Planted(self.task, at_least(1, count, f"data.source.{split}_per_class"), size, seed, split)
            for split, count in counts.items()
        )
        return Splits(train=train, val=val, classes=TASKS[self.task])
