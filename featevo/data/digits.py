"""Handwritten digits: 1,797 real grey images of 8 by 8 pixels that are part of scikit-learn.

The test set of "Optical Recognition of Handwritten Digits", UCI, by Alpaydin and Kaynak, 1998; written by 13 people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featevo.data.choose import choose
from featevo.data.image_files import LabelledImages
from featevo.data.source import Selection, Splits
from featevo.data.split import split
from featevo.errors import UserError


@dataclass(frozen=True, kw_only=True)
class DigitsSource(Selection):
    """Scikit-learn's digits "0" to "9", about 180 of each; needs scikit-learn and no network.

    Args:
        image_size: side of the square images, in pixels; the stored 8 by 8 pixels are smoothly enlarged.
        val_size: how many images validate, see `featevo.data.split.split`.
        seed: chooses which images validate.
        channels: 1 for grey, as stored; 3 for three equal channels.
    """

    val_size: int | float
    seed: int
    channels: int = 1

    def splits(self) -> Splits:
        """Load and split the images.

        Raises:
            UserError: if scikit-learn is missing, or the classes or sizes are not available.
        """
        try:
            from sklearn.datasets import load_digits  # optional: 40 MB that nothing else here needs
        except ImportError as error:
            raise UserError("data=digits needs scikit-learn, which has them: pip install scikit-learn") from error
        names = [str(digit) for digit in range(10)]
        chosen = choose(names, self.num_classes, self.classes, "digits")
        classes = [names[digit] for digit in chosen]
        digits = load_digits()
        pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)  # stored as 0..16
        groups = [[f"{index:04}" for index in np.flatnonzero(digits.target == digit)] for digit in chosen]
        train, val = (
            [(pixels[int(name)], label) for label, group in enumerate(part) for name in group]
            for part in split(groups, classes, self.val_size, self.seed)
        )
        size = self.image_size, self.channels
        return Splits(LabelledImages(train, *size), LabelledImages(val, *size), classes)
