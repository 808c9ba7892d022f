"""Oxford 102 Flowers: British flowers in 102 classes of 40 to 258 pictures, downloaded once.

By Nilsback and Zisserman, 2008: https://www.robots.ox.ac.uk/~vgg/data/flowers/102. The data set has 10 training, 10
validation and 20 to 238 test pictures per class. Here the first two train, 2,040 in all, and the 6,149 of the third
validate: ten pictures a class are few to learn from, and few to tell an improvement by.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from torchvision.datasets import Flowers102

from featevo.data.choose import bare, by_name, choose
from featevo.data.download import download, place
from featevo.data.listing import readable
from featevo.data.picture_files import PictureFiles
from featevo.data.source import Splits
from featevo.errors import UserError

URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102"
_FILES = ("102flowers.tgz", "imagelabels.mat", "setid.mat")


class Flowers102Source:
    """Oxford 102 Flowers, read and downloaded by torchvision; needs SciPy, whose format its labels are in.

    Args:
        root: the folder that has or gets `flowers-102`; `~` is expanded.
        num_classes: take the first so many classes, in the data set's order.
        classes: take these classes, in this order: "pink primrose". With neither, all 102 are taken.
        image_size: side of the square pictures, in pixels.
        channels: 3 reads every picture as RGB, 1 as grey.
    """

    def __init__(
        self,
        root: str | None,
        num_classes: int | None,
        classes: list[str] | None,
        image_size: int,
        channels: int = 3,
    ) -> None:
        self.root = root
        self.num_classes = num_classes
        self.classes = classes
        self.image_size = image_size
        self.channels = channels

    def splits(self) -> Splits:
        """Training and validation pictures, downloaded if they are not there; no picture is opened.

        Raises:
            UserError: if they cannot be had as asked.
        """
        names = getattr(Flowers102, "classes", None)
        if names is None:
            raise UserError("data=flowers102 needs torchvision 0.22 or newer, which has the names of the flowers")
        find = partial(by_name, found=names, where="Flowers102", key=bare)
        chosen = choose(names, self.num_classes, self.classes, "Flowers102", find)
        root = place(self.root)
        with readable(root):
            first = _first(root)
            train, val = [first, Flowers102(root, split="val")], [Flowers102(root, split="test")]
        return Splits(
            train=self._files(train, chosen),
            val=self._files(val, chosen),
            classes=[names[index] for index in chosen],
        )

    def _files(self, parts: list[Flowers102], chosen: list[int]) -> PictureFiles:
        label = {old: new for new, old in enumerate(chosen)}
        files = [
            (str(file), label[old])
            for part in parts
            for file, old in zip(part._image_files, part._labels, strict=True)  # asked by index it opens pictures
            if old in label
        ]
        return PictureFiles(files, self.image_size, self.channels)


def _first(root: Path) -> Flowers102:
    folder = root / "flowers-102"
    try:
        return Flowers102(root, split="train")
    except RuntimeError:  # a file is missing, or not what its checksum says
        urls = ", ".join(f"{URL}/{name}" for name in _FILES)
        fetch = partial(Flowers102, root, split="train", download=True)
        return download(fetch, "Flowers102", urls, folder, folder / "jpg")
