"""ImageNet (ILSVRC 2012): training folders by WordNet id, chosen by readable name.

Allowed layouts::

    ROOT/train/n01644373/*.JPEG                      the usual one
    ROOT/n01644373/*.JPEG                            the training folder itself
    ROOT/ILSVRC/Data/CLS-LOC/train/n01644373/*.JPEG  Kaggle's
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from featevo.data.choose import choose, listed
from featevo.data.listing import class_files, existing, labelled, readable, subfolders
from featevo.data.source import SplitFolder, Splits
from featevo.data.split import split
from featevo.data.synsets import Synsets, is_id, read_synsets
from featevo.errors import UserError

PAPER = ("n01644373", "n02007558", "n03982430", "n07697313")
_LAYOUTS = ("train", ".", "ILSVRC/Data/CLS-LOC/train", "Data/CLS-LOC/train", "CLS-LOC/train")


class ImageNetSource(SplitFolder):
    """Some classes of ImageNet; the paper's four by default: tree frog, flamingo, pool table, cheeseburger.

    All images come from the training folders (1,300 per class of the paper); as in the paper, some of them validate.
    ILSVRC's own validation set is not used.

    Args:
        root: the folder of the data set. Names in Kaggle's `LOC_synset_mapping.txt` are known, too, if it is there.
        num_classes: take so many classes: the paper's four, then the others in `root` in a fixed, mixed order, so that
            a larger number contains every smaller one.
        classes: take these classes, in this order, by name ("tree frog"; any name in WordNet, and "hamburger" as in the
            paper) or by id ("n01644373"). A class is shown under the given name; for an id, under its first name. With
            neither, the paper's four are taken.
    """

    def splits(self) -> Splits:
        """List and split the images; no file is opened.

        Raises:
            UserError: if the folder, the classes or the size of the validation set are not available.
        """
        root = existing(self.root, "the folder of ImageNet (ILSVRC 2012) that holds train/n01440764 and so on")
        with readable(self.root):
            train_root, found = _training_folder(root)
            names = read_synsets(*root.glob("LOC_synset_mapping.txt"))
            synsets = Synsets(names | {key: [key] for key in sorted(found - names.keys())}, "ImageNet")
            chosen = self._chosen(found, synsets, train_root)
            classes, ids = list(chosen), list(chosen.values())
            files = class_files(train_root, ids, classes)
        train, val = (
            labelled(train_root, ids, part, self.image_size, self.channels)
            for part in split(files, classes, self.val_size, self.seed)
        )
        return Splits(train, val, classes)

    def _chosen(self, found: set[str], synsets: Synsets, root: Path) -> dict[str, str]:
        """The ids of the chosen classes by the names to show."""
        label = dict(zip(synsets.ids, synsets.labels, strict=True))
        if self.classes is None and self.num_classes is not None:
            have = sorted(found, key=_place)
            return {label[have[i]]: have[i] for i in choose(have, self.num_classes, None, str(root))}
        wanted = PAPER if self.classes is None else [str(name) for name in self.classes]
        chosen = [synsets.ids[i] for i in choose(synsets.labels, self.num_classes, wanted, "ImageNet", synsets.find)]
        missing = [f"{key} ({label[key]})" for key in chosen if key not in found]
        if missing:
            raise UserError(f"data.root: {root} has no folder {listed(missing)}; choose other classes by data.classes")
        return {label[key] if is_id(name) else name: key for name, key in zip(wanted, chosen, strict=True)}


def _place(key: str) -> tuple[int, str]:
    # In the order of ids the first hundred classes would be fish, birds and reptiles; a hash mixes them.
    return (PAPER.index(key), "") if key in PAPER else (len(PAPER), hashlib.sha256(key.encode()).hexdigest())


def _training_folder(root: Path) -> tuple[Path, set[str]]:
    for layout in _LAYOUTS:
        folder = root / layout
        found = {entry.name for entry in subfolders(folder) if is_id(entry.name)} if folder.is_dir() else set()
        if len(found) >= 2:
            return folder, found
    raise UserError(
        f"data.root: {root} has no folders of WordNet ids (n01440764 and so on, unpacked), at least 2 are needed; "
        f"looked in {', '.join(layout for layout in _LAYOUTS if layout != '.')} and the folder itself"
    )
