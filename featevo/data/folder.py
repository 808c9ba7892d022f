"""Images from a folder of class folders, split into training and validation.

Two layouts are allowed::

    ROOT/CLASS/**/image.jpg                        split by featevo, see `data.val_size`
    ROOT/train/CLASS/...  ROOT/val/CLASS/...       already split (val, valid or validation)
"""

from __future__ import annotations

from pathlib import Path

from featevo.data.choose import choose, listed
from featevo.data.listing import class_files, existing, labelled, readable, subfolders
from featevo.data.source import SplitFolder, Splits
from featevo.data.split import split
from featevo.errors import UserError

_VAL_NAMES = ("val", "valid", "validation")


class FolderSource(SplitFolder):
    """Any folder of class folders of JPEG, PNG, WebP or BMP images.

    Hidden files and folders and files with other suffixes are ignored; a class may have subfolders. Links are followed,
    except to folders inside a class.

    `num_classes` counts in sorted order; `val_size` and `seed` are not used if `root` is already split.
    """

    def splits(self) -> Splits:
        """List and split the images; no file is opened.

        Raises:
            UserError: if the folder, the classes or the size of the validation set are not available.
        """
        root = existing(self.root, "the folder that holds one folder of images per class")
        with readable(self.root):
            return self._splits(root)

    def _splits(self, root: Path) -> Splits:
        train_root, val_root = _layout(root)
        found = sorted(folder.name for folder in subfolders(train_root))
        if len(found) < 2:
            have = f"only one class folder ({found[0]})" if found else "no class folders"
            raise UserError(
                f"data.root: {train_root} has {have}, at least 2 are needed, with the images of one class each"
            )
        classes = [found[index] for index in choose(found, self.num_classes, self.classes, str(train_root))]
        train = class_files(train_root, classes, classes)
        if val_root is None:
            train, val = split(train, classes, self.val_size, self.seed)
        else:
            missing = [name for name in classes if not (val_root / name).is_dir()]
            if missing:
                raise UserError(f"data.root: {val_root} lacks these classes of {train_root}: {listed(missing)}")
            val = class_files(val_root, classes, classes)
        return Splits(
            labelled(train_root, classes, train, self.image_size, self.channels),
            labelled(val_root or train_root, classes, val, self.image_size, self.channels),
            classes,
        )


def _layout(root: Path) -> tuple[Path, Path | None]:
    folders = {folder.name.lower(): folder for folder in subfolders(root)}
    val = next((folders[name] for name in _VAL_NAMES if name in folders), None)
    if val is not None and "train" in folders:
        return folders["train"], val
    if folders and folders.keys() <= {"train", "test", *_VAL_NAMES}:
        raise UserError(
            f"data.root: {root} has {listed(sorted(folders))}, it needs train and one of {', '.join(_VAL_NAMES)}; "
            "or give the folder that holds the class folders, to have it split by data.val_size"
        )
    return root, None
