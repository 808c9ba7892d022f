"""The drawn images as a data source: training and validation sets for a choice of classes."""

from __future__ import annotations

from featevo.data.scenes.dataset import SMALLEST, Scenes, at_least, known_classes
from featevo.data.scenes.registry import CLASSES, MOST, class_names
from featevo.data.source import Splits
from featevo.errors import UserError


class ScenesSource:
    """The default data set; its images are drawn when they are read, without any download.

    Args:
        num_classes: Take this many classes from the start of the list, 2 to `MOST`: the four of `CLASSES`, then
            invented species. None: the four.
        classes: Take these classes by name instead, in this order. None: not by name.
        skip: Leave out this many classes at the start of the list, at least 0; with 4, all classes are species.
        image_size: Side of the images in pixels, at least 32.
        seed: Seed of all random choices, at least 0.
        train_per_class: Training images of each class, at least 1.
        val_per_class: Validation images of each class, at least 1.

    Raises:
        UserError: If an argument is not allowed, or `num_classes` and `classes` contradict each other.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        classes: list[str] | None = None,
        image_size: int = 64,
        seed: int = 0,
        train_per_class: int = 400,
        val_per_class: int = 100,
        skip: int = 0,
    ) -> None:
        self._classes = _choose(num_classes, classes, at_least(0, skip, "data.source.skip"))
        self._image_size = at_least(SMALLEST, image_size, "data.image_size")
        self._seed = at_least(0, seed, "seed")
        self._train_per_class = at_least(1, train_per_class, "data.source.train_per_class")
        self._val_per_class = at_least(1, val_per_class, "data.source.val_per_class")

    def splits(self) -> Splits:
        """Both sets; an image is drawn only when it is read."""
        train = Scenes(self._classes, self._train_per_class, self._image_size, self._seed, "train")
        val = Scenes(self._classes, self._val_per_class, self._image_size, self._seed, "val")
        return Splits(train=train, val=val, classes=self._classes)


def _choose(num_classes: int | None, classes: list[str] | None, skip: int) -> tuple[str, ...]:
    if num_classes is not None:
        at_least(2, num_classes, "data.num_classes")
    if classes is not None:
        chosen = known_classes(classes)
        if skip:
            raise UserError(f"data.source.skip is {skip}, but data.classes names the classes; give only one of them")
        if num_classes is not None and num_classes != len(chosen):
            raise UserError(
                f"data.num_classes is {num_classes}, but data.classes names {len(chosen)}; "
                "give only one of them, or the same number"
            )
        return chosen
    left_out = f" and data.source.skip is {skip}" if skip else ""
    if num_classes is None:
        if len(CLASSES) - skip < 2:
            raise UserError(
                f"data.num_classes is null{left_out}, which leaves {max(0, len(CLASSES) - skip)} of the {len(CLASSES)} "
                "named classes; say how many with data.num_classes"
            )
        return CLASSES[skip:]
    if num_classes + skip > MOST:
        raise UserError(f"data.num_classes is {num_classes}{left_out}; the drawn data set has 2 to {MOST} classes")
    return class_names(num_classes, skip)
