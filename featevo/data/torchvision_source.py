"""Data sets that torchvision reads and downloads once.

- CIFAR-10 and CIFAR-100, by Alex Krizhevsky, 2009: https://www.cs.toronto.edu/~kriz/cifar.html. 50,000 small colour
  images train; the data sets' 10,000 test images validate.
- Oxford 102 Flowers, by Nilsback and Zisserman, 2008: https://www.robots.ox.ac.uk/~vgg/data/flowers/102. The data set
  has 10 training, 10 validation and 20 to 238 test images per class. Here the first two train, 2,040 in all, and the
  6,149 test images validate: ten images per class are few to train with, and few to measure an accuracy with.
- Imagenette, by fast.ai, Apache License 2.0: https://github.com/fastai/imagenette. Ten classes of ImageNet that are
  easy to distinguish, split by its authors: 9,469 images train and 3,925 validate.
- Fashion-MNIST, by Zalando, MIT License: https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul and Vollgraf
  2017, arXiv 1708.07747). 60,000 small grey images of clothes train; the data set's 10,000 test images validate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torchvision import datasets
from torchvision.datasets import FashionMNIST, Flowers102, Imagenette

from featevo.data.choose import bare, by_name, choose
from featevo.data.download import download, place
from featevo.data.fashion_mnist import TITLE, read_fashion_mnist
from featevo.data.few import few
from featevo.data.image_files import LabelledImages
from featevo.data.listing import class_files, labelled, readable, subfolders
from featevo.data.source import Selection, Splits
from featevo.data.synsets import Synsets, is_id, read_synsets
from featevo.errors import UserError


@dataclass(frozen=True, kw_only=True)
class TorchvisionSource(Selection):
    """One of torchvision's data sets, in the order of its own classes. Flowers102 needs SciPy, which reads its labels.

    Args:
        root: the parent of the data set's folder; `~` is expanded. None: `~/.cache/featevo`.
        dataset: CIFAR10, CIFAR100, Flowers102, Imagenette or FashionMNIST.
        size: only for Imagenette: "160px" (99 MB; the shorter side has 160 pixels), "320px" (341 MB), "full" (1.6 GB).
        train_per_class: training images of each class; None: all there are.
        val_per_class: validation images of each class, the same ones for every seed; None: all there are.
        seed: chooses the training images if `train_per_class` is set.
    """

    root: str | None
    dataset: str
    size: str = "160px"
    train_per_class: int | None = None
    val_per_class: int | None = None
    seed: int = 0

    def splits(self) -> Splits:
        """Training and validation images, downloaded if they are missing; no image file is opened.

        Raises:
            UserError: if they are not available as configured.
        """
        readers: dict[str, Callable[[Path], Splits]] = {
            "CIFAR10": self._cifar,
            "CIFAR100": self._cifar,
            "Flowers102": self._flowers,
            "Imagenette": self._imagenette,
            "FashionMNIST": self._fashion_mnist,
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
        chosen, label = self._chosen(names, title)
        sets = {}
        for name, part in {"train": train, "val": kind(root, train=False)}.items():
            images = [(part.data[index], label[old]) for index, old in enumerate(part.targets) if old in label]
            sets[name] = self._set(name, images, chosen)
        return Splits(**sets, classes=chosen)

    def _fashion_mnist(self, root: Path) -> Splits:
        chosen, label = self._chosen(FashionMNIST.classes, TITLE)
        sets = {}
        for name, (pixels, labels) in read_fashion_mnist(root).items():
            images = [(pixels[index], label[old]) for index, old in enumerate(labels) if old in label]
            sets[name] = self._set(name, images, chosen)
        return Splits(**sets, classes=chosen)

    def _flowers(self, root: Path) -> Splits:
        names = getattr(Flowers102, "classes", None)
        if names is None:
            raise UserError("data=flowers102 needs torchvision 0.22 or newer, which has the names of the flowers")
        chosen, label = self._chosen(names, self.dataset)
        folder = root / "flowers-102"
        urls = ", ".join(f"{Flowers102._download_url_prefix}{name}" for name, _ in Flowers102._file_dict.values())
        first = _opened(partial(Flowers102, root), self.dataset, urls, folder, folder / "jpg")
        sets = {}
        for name, parts in {"train": [first, Flowers102(root, "val")], "val": [Flowers102(root, "test")]}.items():
            # Indexing the data set itself would open the files.
            found = [pair for part in parts for pair in zip(part._image_files, part._labels, strict=True)]
            files = [(str(file), label[old]) for file, old in found if old in label]
            sets[name] = self._set(name, files, chosen)
        return Splits(**sets, classes=chosen)

    def _imagenette(self, root: Path) -> Splits:
        if self.size not in Imagenette._ARCHIVES:
            raise UserError(f"data.source.size={self.size}: allowed are {', '.join(sorted(Imagenette._ARCHIVES))}")
        url, _ = Imagenette._ARCHIVES[self.size]
        folder = root / Path(url).stem
        if not folder.is_dir():
            download(partial(Imagenette, root, size=self.size, download=True), self.dataset, url, root, folder)
        # torchvision's own listing numbers the classes of each part separately, and fails for unknown folders.
        ids = sorted(entry.name for entry in subfolders(folder / "train") if is_id(entry.name))
        names = read_synsets()
        synsets = Synsets({key: names.get(key, [key]) for key in ids}, self.dataset)
        chosen = choose(synsets.labels, self.num_classes, self.classes, self.dataset, synsets.find)
        classes = [synsets.labels[index] for index in chosen]
        chosen_ids = [ids[index] for index in chosen]
        sets = {}
        for part in ("train", "val"):
            files = class_files(folder / part, chosen_ids, classes)
            sets[part] = self._set(part, labelled(folder / part, chosen_ids, files, self.image_size).images, classes)
        return Splits(**sets, classes=classes)

    def _set(self, name: str, images: Sequence[tuple[str | np.ndarray, int]], classes: list[str]) -> LabelledImages:
        per_class, seed = (self.train_per_class, self.seed) if name == "train" else (self.val_per_class, 0)
        chosen = few(images, per_class, classes, seed, f"data.source.{name}_per_class")
        return LabelledImages(chosen, self.image_size, self.channels)

    def _chosen(self, names: list[str], title: str) -> tuple[list[str], dict[int, int]]:
        """The names of the chosen classes, and their new index by their index in the data set."""
        find = partial(by_name, found=names, where=title, key=bare)
        chosen = choose(names, self.num_classes, self.classes, title, find)
        return [names[index] for index in chosen], {old: new for new, old in enumerate(chosen)}


def _opened(kind: Callable[..., Any], title: str, urls: str, into: Path, unpacked: Path) -> Any:
    try:
        return kind()
    except RuntimeError:  # a file is missing, or has another checksum
        return download(partial(kind, download=True), title, urls, into, unpacked)


def renamed(source: Mapping[str, Any]) -> dict[str, Any]:
    """`data.source` of a record, with the current class name if the record is older than `TorchvisionSource`."""
    old = {
        "featevo.data.cifar.CifarSource": f"CIFAR{source.get('variant')}",
        "featevo.data.flowers102.Flowers102Source": "Flowers102",
        "featevo.data.imagenette.ImagenetteSource": "Imagenette",
    }
    if source.get("_target_") not in old:
        return dict(source)
    kept = {key: value for key, value in source.items() if key != "variant"}
    return {**kept, "_target_": "featevo.data.torchvision_source.TorchvisionSource", "dataset": old[source["_target_"]]}
