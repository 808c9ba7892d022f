"""Handwritten digits: 1,797 real grey pictures of 8 by 8 pixels that ship inside scikit-learn.

The test set of "Optical Recognition of Handwritten Digits", UCI, by Alpaydin and Kaynak, 1998; written by 13 people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from featevo.data.arrays import ArrayPictures
from featevo.data.choose import by_name, choose
from featevo.data.source import Selection, Splits
from featevo.data.split import split
from featevo.errors import UserError


@dataclass(frozen=True, kw_only=True)
class DigitsSource(Selection):
    """Scikit-learn's digits "0" to "9", about 180 of each; needs scikit-learn and no network.

    Args:
        image_size: side of the square pictures, in pixels; they are stored with 8 and smoothly enlarged.
        val_size: a whole number >= 1 is how many pictures validate in all, a fraction in (0, 1) how many of every
            class.
        seed: chooses which pictures validate.
        channels: 1 gives grey, as they are; 3 gives the same three times.
    """

    val_size: int | float
    seed: int
    channels: int = 1

    def splits(self) -> Splits:
        """Load the pictures and divide them.

        Raises:
            UserError: if scikit-learn is missing, or the classes or sizes cannot be had as asked.
        """
        try:
            from sklearn.datasets import load_digits  # optional: 40 MB that nothing else here needs
        except ImportError as error:
            raise UserError("data=digits needs scikit-learn, which has them: pip install scikit-learn") from error
        names = [str(digit) for digit in range(10)]
        chosen = choose(names, self.num_classes, self.classes, "digits", partial(by_name, found=names, where="digits"))
        classes = [names[digit] for digit in chosen]
        digits = load_digits()
        pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)  # stored as 0..16
        groups = [[f"{index:04}" for index in np.flatnonzero(digits.target == digit)] for digit in chosen]
        sets = []
        for part in split(groups, classes, self.val_size, self.seed):
            indices = [int(name) for group in part for name in group]
            labels = [label for label, group in enumerate(part) for _ in group]
            sets.append(ArrayPictures(pixels[indices], labels, self.image_size, self.channels))
        return Splits(train=sets[0], val=sets[1], classes=classes)
