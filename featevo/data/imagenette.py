"""Imagenette: ten easily told classes of ImageNet, small enough to download.

By fast.ai, Apache License 2.0: https://github.com/fastai/imagenette. It comes split: 9,469 pictures train and 3,925
validate.
"""

from __future__ import annotations

from pathlib import Path

from torchvision.datasets import Imagenette

from featevo.data.choose import choose
from featevo.data.download import download, place
from featevo.data.listing import class_files, labelled, readable, subfolders
from featevo.data.source import Splits
from featevo.data.synsets import Synsets, is_id, read_synsets
from featevo.errors import UserError

URL = "https://s3.amazonaws.com/fast-ai-imageclas"
_FOLDERS = {"160px": "imagenette2-160", "320px": "imagenette2-320", "full": "imagenette2"}


class ImagenetteSource:
    """Imagenette, downloaded once by torchvision.

    Args:
        root: the folder that has or gets `imagenette2-160` (or the like); `~` is expanded.
        num_classes: take the first so many classes, in the order of their WordNet ids.
        classes: take these classes, in this order, by name ("tench") or WordNet id. With neither, all ten are taken.
        image_size: side of the square pictures, in pixels.
        size: "160px" (99 MB; the shorter side has 160 pixels), "320px" (341 MB) or "full" (1.6 GB).
        channels: 3 reads every picture as RGB, 1 as grey.
    """

    def __init__(
        self,
        root: str | None,
        num_classes: int | None,
        classes: list[str] | None,
        image_size: int,
        size: str = "160px",
        channels: int = 3,
    ) -> None:
        self.root = root
        self.num_classes = num_classes
        self.classes = classes
        self.image_size = image_size
        self.size = size
        self.channels = channels

    def splits(self) -> Splits:
        """Imagenette's own training and validation pictures, downloaded if they are not there.

        Raises:
            UserError: if they cannot be had as asked.
        """
        if self.size not in _FOLDERS:
            raise UserError(f"data.source.size={self.size}: allowed are {', '.join(_FOLDERS)}")
        root = place(self.root)
        folder = root / _FOLDERS[self.size]
        with readable(root):
            if not folder.is_dir():
                archive = f"{URL}/{folder.name}.tgz"
                download(lambda: Imagenette(root, size=self.size, download=True), "Imagenette", archive, root, folder)
            return self._splits(folder)

    def _splits(self, folder: Path) -> Splits:
        ids = sorted(entry.name for entry in subfolders(folder / "train") if is_id(entry.name))
        names = read_synsets()
        synsets = Synsets({key: names.get(key, [key]) for key in ids}, "Imagenette")
        chosen = choose(synsets.labels, self.num_classes, self.classes, "Imagenette", synsets.find)
        classes = [synsets.labels[i] for i in chosen]
        train, val = ([folder / part / ids[i] for i in chosen] for part in ("train", "val"))
        return Splits(
            train=labelled(train, class_files(train, classes, folder / "train"), self.image_size, self.channels),
            val=labelled(val, class_files(val, classes, folder / "val"), self.image_size, self.channels),
            classes=classes,
        )
