"""Pictures from a folder of class folders: found, chosen by class, and split into training and validation.

Two layouts are understood::

    ROOT/CLASS/**/picture.jpg                      split here, by `data.val_size`
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
    """Any folder of class folders of JPEG, PNG, WebP or BMP pictures.

    Hidden files and folders and files with other suffixes are ignored; a class may have subfolders. Links are followed,
    except to folders inside a class.

    `num_classes` counts in sorted order; `val_size` and `seed` are not used where `root` is already split.
    """

    def splits(self) -> Splits:
        """List the pictures and divide them; no picture is opened.

        Raises:
            UserError: if the folder, the classes or the size of the validation set cannot be had as asked.
        """
        root = existing(self.root, "the folder that holds one folder of pictures per class")
        with readable(self.root):
            return self._splits(root)

    def _splits(self, root: Path) -> Splits:
        train_root, val_root = _layout(root)
        found = sorted(folder.name for folder in subfolders(train_root))
        if len(found) < 2:
            have = f"only one class folder ({found[0]})" if found else "no class folders"
            raise UserError(
                f"data.root: {train_root} has {have}, at least 2 are needed, with the pictures of one class each"
            )
        classes = [found[index] for index in choose(found, self.num_classes, self.classes, str(train_root))]
        folders = [train_root / name for name in classes]
        names = class_files(folders, classes, train_root)
        if val_root is None:
            val_folders = folders
            train, val = split(names, classes, self.val_size, self.seed)
        else:
            missing = [name for name in classes if not (val_root / name).is_dir()]
            if missing:
                raise UserError(f"data.root: {val_root} lacks these classes of {train_root}: {listed(missing)}")
            val_folders = [val_root / name for name in classes]
            train, val = names, class_files(val_folders, classes, val_root)
        return Splits(
            train=labelled(folders, train, self.image_size, self.channels),
            val=labelled(val_folders, val, self.image_size, self.channels),
            classes=classes,
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
