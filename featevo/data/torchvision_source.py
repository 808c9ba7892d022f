"""Data sets that torchvision reads and downloads once.

- CIFAR-10 and CIFAR-100, by Alex Krizhevsky, 2009: https://www.cs.toronto.edu/~kriz/cifar.html. 50,000 small colour
  pictures train; the data sets' 10,000 test pictures validate.
- Oxford 102 Flowers, by Nilsback and Zisserman, 2008: https://www.robots.ox.ac.uk/~vgg/data/flowers/102. The data set
  has 10 training, 10 validation and 20 to 238 test pictures per class. Here the first two train, 2,040 in all, and the
  6,149 of the third validate: ten pictures a class are few to learn from, and few to measure an improvement by.
- Imagenette, by fast.ai, Apache License 2.0: https://github.com/fastai/imagenette. Ten classes of ImageNet that are
  easy to distinguish, split by its authors: 9,469 pictures train and 3,925 validate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torchvision import datasets
from torchvision.datasets import Flowers102, Imagenette

from featevo.data.arrays import ArrayPictures, of_classes
from featevo.data.choose import bare, by_name, choose
from featevo.data.download import download, place
from featevo.data.listing import class_files, labelled, readable, subfolders
from featevo.data.picture_files import PictureFiles
from featevo.data.source import Selection, Splits
from featevo.data.synsets import Synsets, is_id, read_synsets
from featevo.errors import UserError


@dataclass(frozen=True, kw_only=True)
class TorchvisionSource(Selection):
    """One of torchvision's data sets, in the order of its own classes. Flowers102 needs SciPy, which reads its labels.

    Args:
        root: the folder that has or gets the folder of the data set; `~` is expanded. None: `~/.cache/featevo`.
        dataset: CIFAR10, CIFAR100, Flowers102 or Imagenette.
        size: of Imagenette alone: "160px" (99 MB; the shorter side has 160 pixels), "320px" (341 MB), "full" (1.6 GB).
    """

    root: str | None
    dataset: str
    size: str = "160px"

    def splits(self) -> Splits:
        """Training and validation pictures, downloaded if they are not there; no picture file is opened.

        Raises:
            UserError: if they cannot be had as configured.
        """
        readers: dict[str, Callable[[Path], Splits]] = {
            "CIFAR10": self._cifar,
            "CIFAR100": self._cifar,
            "Flowers102": self._flowers,
            "Imagenette": self._imagenette,
        }
        if self.dataset not in readers:
            raise UserError(f"data.source.dataset={self.dataset}: allowed are {', '.join(readers)}")
        root = place(self.root)
        with readable(root):
            return readers[self.dataset](root)

    def _cifar(self, root: Path) -> Splits:
        kind, title = getattr(datasets, self.dataset), self.dataset.replace("R", "R-")
        train = _opened(partial(kind, root), title, kind.url, root, root / kind.base_folder)
        names = [name.replace("_", " ") for name in train.classes]
        chosen = self._chosen(names, title)
        sets = [
            ArrayPictures(*of_classes(part.data, part.targets, chosen), self.image_size, self.channels)
            for part in (train, kind(root, train=False))
        ]
        return Splits(train=sets[0], val=sets[1], classes=[names[index] for index in chosen])

    def _flowers(self, root: Path) -> Splits:
        names = getattr(Flowers102, "classes", None)
        if names is None:
            raise UserError("data=flowers102 needs torchvision 0.22 or newer, which has the names of the flowers")
        chosen = self._chosen(names, self.dataset)
        folder = root / "flowers-102"
        urls = ", ".join(f"{Flowers102._download_url_prefix}{name}" for name, _ in Flowers102._file_dict.values())
        first = _opened(partial(Flowers102, root), self.dataset, urls, folder, folder / "jpg")
        label = {old: new for new, old in enumerate(chosen)}
        sets = {}
        for name, parts in {"train": [first, Flowers102(root, "val")], "val": [Flowers102(root, "test")]}.items():
            # Indexing the data set itself would open pictures.
            found = [pair for part in parts for pair in zip(part._image_files, part._labels, strict=True)]
            files = [(str(file), label[old]) for file, old in found if old in label]
            sets[name] = PictureFiles(files, self.image_size, self.channels)
        return Splits(**sets, classes=[names[index] for index in chosen])

    def _imagenette(self, root: Path) -> Splits:
        if self.size not in Imagenette._ARCHIVES:
            raise UserError(f"data.source.size={self.size}: allowed are {', '.join(sorted(Imagenette._ARCHIVES))}")
        url, _ = Imagenette._ARCHIVES[self.size]
        folder = root / Path(url).stem
        if not folder.is_dir():
            download(partial(Imagenette, root, size=self.size, download=True), self.dataset, url, root, folder)
        # torchvision's own listing numbers the classes of each part anew, and fails on folders that it does not know.
        ids = sorted(entry.name for entry in subfolders(folder / "train") if is_id(entry.name))
        names = read_synsets()
        synsets = Synsets({key: names.get(key, [key]) for key in ids}, self.dataset)
        chosen = choose(synsets.labels, self.num_classes, self.classes, self.dataset, synsets.find)
        classes = [synsets.labels[index] for index in chosen]
        sets = {}
        for part in ("train", "val"):
            folders = [folder / part / ids[index] for index in chosen]
            files = class_files(folders, classes, folder / part)
            sets[part] = labelled(folders, files, self.image_size, self.channels)
        return Splits(**sets, classes=classes)

    def _chosen(self, names: list[str], title: str) -> list[int]:
        find = partial(by_name, found=names, where=title, key=bare)
        return choose(names, self.num_classes, self.classes, title, find)


def _opened(kind: Callable[..., Any], title: str, urls: str, into: Path, unpacked: Path) -> Any:
    try:
        return kind()
    except RuntimeError:  # a file is missing, or not what its checksum says
        return download(partial(kind, download=True), title, urls, into, unpacked)


def renamed(source: Mapping[str, Any]) -> dict[str, Any]:
    """`data.source` of a record that may be older than `TorchvisionSource`, under today's name."""
    old = {
        "featevo.data.cifar.CifarSource": f"CIFAR{source.get('variant')}",
        "featevo.data.flowers102.Flowers102Source": "Flowers102",
        "featevo.data.imagenette.ImagenetteSource": "Imagenette",
    }
    if source.get("_target_") not in old:
        return dict(source)
    kept = {key: value for key, value in source.items() if key != "variant"}
    return {**kept, "_target_": "featevo.data.torchvision_source.TorchvisionSource", "dataset": old[source["_target_"]]}
