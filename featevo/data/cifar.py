"""CIFAR-10 and CIFAR-100: 50,000 small colour pictures to train and 10,000 to validate, downloaded once.

By Alex Krizhevsky, 2009: https://www.cs.toronto.edu/~kriz/cifar.html. The data sets' test pictures validate here.
"""

from __future__ import annotations

from functools import partial

from torchvision.datasets import CIFAR10, CIFAR100

from featevo.data.arrays import ArrayPictures, of_classes
from featevo.data.choose import bare, by_name, choose
from featevo.data.download import download, place
from featevo.data.listing import readable
from featevo.data.source import Splits
from featevo.errors import UserError

_VARIANTS = {10: CIFAR10, 100: CIFAR100}


class CifarSource:
    """CIFAR-10 or CIFAR-100, read and downloaded by torchvision.

    Args:
        root: the folder that has or gets `cifar-10-batches-py` or `cifar-100-python`; `~` is expanded.
        num_classes: take the first so many classes, in the data set's order.
        classes: take these classes, in this order: "airplane", "aquarium fish". With neither, all are taken.
        image_size: side of the square pictures, in pixels; they are stored with 32.
        variant: 10 or 100, which of the two.
        channels: 3 gives RGB, 1 gives grey.
    """

    def __init__(
        self,
        root: str | None,
        num_classes: int | None,
        classes: list[str] | None,
        image_size: int,
        variant: int,
        channels: int = 3,
    ) -> None:
        self.root = root
        self.num_classes = num_classes
        self.classes = classes
        self.image_size = image_size
        self.variant = variant
        self.channels = channels

    def splits(self) -> Splits:
        """The data set's training pictures, and its test pictures to validate; downloaded if they are not there.

        Raises:
            UserError: if they cannot be had as asked.
        """
        train, val = self._loaded()
        names = [name.replace("_", " ") for name in train.classes]
        where = f"CIFAR-{self.variant}"
        find = partial(by_name, found=names, where=where, key=bare)
        chosen = choose(names, self.num_classes, self.classes, where, find)
        sets = [
            ArrayPictures(*of_classes(part.data, part.targets, chosen), self.image_size, self.channels)
            for part in (train, val)
        ]
        return Splits(train=sets[0], val=sets[1], classes=[names[index] for index in chosen])

    def _loaded(self) -> tuple[CIFAR10, CIFAR10]:
        if self.variant not in _VARIANTS:
            raise UserError(f"data.source.variant={self.variant}: allowed are 10 and 100")
        kind, root = _VARIANTS[self.variant], place(self.root)
        with readable(root):
            try:
                train = kind(root)
            except RuntimeError:  # a file is missing, or not what its checksum says
                train = download(
                    lambda: kind(root, download=True),
                    f"CIFAR-{self.variant}",
                    kind.url,
                    root,
                    root / kind.base_folder,
                )
            return train, kind(root, train=False)
