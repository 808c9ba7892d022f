"""A folder of class folders: the images found, their split, and the messages of errors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.utils import instantiate
from PIL import Image
from sklearn.datasets import load_digits

from featevo.data.folder import FolderSource
from featevo.data.image_files import LabelledImages
from featevo.data.source import Splits
from featevo.errors import UserError
from tests.data.parts import composed


def touch(folder: Path, names: list[str]) -> None:
    """Empty files: splitting opens no image."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def make(root: Path, sizes: dict[str, int]) -> Path:
    for name, size in sizes.items():
        touch(root / name, [f"{i:03}.jpg" for i in range(size)])
    return root


def split(root: Path | str | None, **options: Any) -> Splits:
    defaults: dict[str, Any] = {"num_classes": None, "classes": None, "image_size": 8, "val_size": 0.2, "seed": 0}
    return FolderSource(root=None if root is None else str(root), **{**defaults, **options}).splits()


def files(images: Any) -> list[tuple[str, int]]:
    assert isinstance(images, LabelledImages)
    return [(str(path), label) for path, label in images.images]


def val_of(splits: Splits, name: str) -> set[str]:
    return {path for path, _ in files(splits.val) if Path(path).parent.name == name}


def counts(images: Any) -> list[int]:
    found = Counter(label for _, label in files(images))
    return [found[label] for label in sorted(found)]


def error(root: Path | str | None, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        split(root, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_classes_are_sorted_and_only_images_count(tmp_path: Path) -> None:
    touch(tmp_path / "b", ["1.JPG", "2.jpeg", "deep/er/3.png", "notes.txt", ".hidden.png", ".git/4.png"])
    touch(tmp_path / "a", ["1.webp", "2.BMP"])
    touch(tmp_path, ["loose.png", ".cache/1.png"])
    splits = split(tmp_path, val_size=0.5)
    assert splits.classes == ["a", "b"]
    names = {Path(path).relative_to(tmp_path).as_posix() for path, _ in files(splits.train) + files(splits.val)}
    assert names == {"a/1.webp", "a/2.BMP", "b/1.JPG", "b/2.jpeg", "b/deep/er/3.png"}
    assert all(Path(path).relative_to(tmp_path).parts[0] == "ab"[label] for path, label in files(splits.train))


@pytest.mark.parametrize(
    ("sizes", "val_size", "expected"),
    [
        ([50, 30, 20], 10, [5, 3, 2]),
        ([50, 30, 21], 10, [5, 3, 2]),
        ([10, 10, 10], 4, [2, 1, 1]),
        ([7, 5, 3], 5, [2, 2, 1]),  # exact shares 2.33, 1.67, 1: the largest remainder gets the fifth
        ([1000, 5], 100, [99, 1]),  # no class is left without one
        ([2, 100], 99, [1, 98]),
        ([3, 3], 4, [2, 2]),
        ([50, 30, 20], 0.1, [5, 3, 2]),
        ([9, 3, 2], 0.01, [1, 1, 1]),
        ([9, 3, 2], 0.99, [8, 2, 1]),
    ],
)
def test_split_is_stratified_exactly(tmp_path: Path, sizes: list[int], val_size: float, expected: list[int]) -> None:
    make(tmp_path, {f"c{i}": size for i, size in enumerate(sizes)})
    splits = split(tmp_path, val_size=val_size)
    assert counts(splits.val) == expected
    assert counts(splits.train) == [size - share for size, share in zip(sizes, expected, strict=True)]
    assert not set(files(splits.train)) & set(files(splits.val))


def test_the_papers_400_of_2000(tmp_path: Path) -> None:
    make(tmp_path, {"a": 517, "b": 433, "c": 550, "d": 500})
    splits = split(tmp_path, val_size=400)
    assert (len(splits.train), len(splits.val)) == (1600, 400)
    assert np.abs(np.array(counts(splits.val)) - 400 / 2000 * np.array([517, 433, 550, 500])).max() < 1


def test_split_depends_only_on_the_seed(tmp_path: Path) -> None:
    make(tmp_path, {"a": 30, "b": 30})
    assert files(split(tmp_path).val) == files(split(tmp_path).val)
    assert files(split(tmp_path, seed=1).val) != files(split(tmp_path).val)


def test_split_of_a_class_does_not_depend_on_the_other_classes(tmp_path: Path) -> None:
    make(tmp_path, {"a": 31, "b": 17, "c": 44})
    whole, some = split(tmp_path), split(tmp_path, classes=["c", "a"])
    for name in "ac":
        assert val_of(some, name) == val_of(whole, name)
    # With a number in all, the shares grow when a class is dropped; the images already there stay.
    whole, some = split(tmp_path, val_size=12), split(tmp_path, classes=["c", "a"], val_size=12)
    for name in "ac":
        assert val_of(some, name) > val_of(whole, name)


def test_a_new_image_moves_no_other(tmp_path: Path) -> None:
    make(tmp_path, {"a": 20, "b": 20})
    before = val_of(split(tmp_path), "a")
    touch(tmp_path / "a", ["new.jpg"])
    assert len(before - val_of(split(tmp_path), "a")) <= 1


def test_classes_by_name_and_by_count(tmp_path: Path) -> None:
    make(tmp_path, dict.fromkeys("dbca", 5))
    assert split(tmp_path).classes == ["a", "b", "c", "d"]
    assert split(tmp_path, num_classes=2).classes == ["a", "b"]
    assert split(tmp_path, num_classes=2, classes=["d", "b"]).classes == ["d", "b"]
    assert {(Path(path).parent.name, label) for path, label in files(split(tmp_path, classes=["d", "b"]).train)} == {
        ("d", 0),
        ("b", 1),
    }


@pytest.mark.parametrize(("train", "val"), [("train", "val"), ("train", "valid"), ("Train", "Validation")])
def test_an_existing_split_of_a_folder_is_used(tmp_path: Path, train: str, val: str) -> None:
    make(tmp_path / train, {"a": 4, "b": 1, "c": 3})
    make(tmp_path / val, {"a": 1, "b": 2, "c": 3, "d": 4})
    make(tmp_path / "test", {"a": 9})
    splits = split(tmp_path, classes=["b", "a"], val_size="unused")
    assert (counts(splits.train), counts(splits.val)) == ([1, 4], [2, 1])
    assert all(Path(path).is_relative_to(tmp_path / val) for path, _ in files(splits.val))


def test_linked_class_folders_and_home_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "elsewhere", {"x": 4})
    make(tmp_path / "root", {"a": 4})
    (tmp_path / "root" / "b").symlink_to(tmp_path / "elsewhere" / "x")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert counts(split("~/root").train) == [3, 3]


def test_real_images_load_from_the_shipped_configuration(tmp_path: Path) -> None:
    digits = load_digits()
    for index, (image, target) in enumerate(zip(digits.images, digits.target, strict=True)):
        (tmp_path / str(target)).mkdir(exist_ok=True)
        Image.fromarray((image * 255 / 16).astype(np.uint8)).save(tmp_path / str(target) / f"{index}.png")
    cfg = composed("folder", "seed=7")
    cfg.data.update(root=str(tmp_path), image_size=8, val_size=400, classes=[str(i) for i in range(10)])
    splits = instantiate(cfg.data.source).splits()
    assert (len(splits.train), len(splits.val), list(splits.classes)) == (1397, 400, [str(i) for i in range(10)])
    for index in (0, 700, 1396):
        image, label = splits.train[index]
        original = int(Path(files(splits.train)[index][0]).stem)
        assert label == digits.target[original]
        assert np.array_equal(image[1].numpy(), (digits.images[original] * 255 / 16).astype(np.uint8))


def test_root_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert error(None).startswith("data.root is not set: give the folder")
    assert error(tmp_path / "gone").startswith(f"data.root={tmp_path / 'gone'} does not exist: give the folder")
    touch(tmp_path, ["file"])
    assert error(tmp_path / "file").startswith(f"data.root={tmp_path / 'file'} is not a folder")
    assert error(tmp_path).startswith(f"data.root: {tmp_path} has no class folders, at least 2 are needed")
    make(tmp_path, {"a": 4})
    assert error(tmp_path).startswith(f"data.root: {tmp_path} has only one class folder (a), at least 2 are needed")
    make(tmp_path, {"b": 4})

    def fail(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", fail)
    assert error(tmp_path) == f"data.root={tmp_path}: cannot list {tmp_path}: Permission denied"


def test_a_class_without_images_is_named(tmp_path: Path) -> None:
    make(tmp_path, {"a": 4, "b": 4, "c": 4})
    touch(tmp_path / "bare", ["notes.txt"])
    assert "no images (.jpg, .jpeg, .png, .webp, .bmp)" in error(tmp_path)
    assert f"in {tmp_path} for bare" in error(tmp_path)
    assert split(tmp_path, classes=["a", "c"]).classes == ["a", "c"]


def test_layout_errors(tmp_path: Path) -> None:
    make(tmp_path / "train", {"a": 4, "b": 4, "c": 4})
    assert f"data.root: {tmp_path} has train, it needs train and one of val, valid, validation" in error(tmp_path)
    make(tmp_path / "val", {"b": 4})
    expected = f"data.root: {tmp_path / 'val'} lacks these classes of {tmp_path / 'train'}: a, c"
    assert error(tmp_path) == expected
    (tmp_path / "val" / "a").mkdir()
    assert f"in {tmp_path / 'val'} for a;" in error(tmp_path, classes=["a", "b"])


def test_class_choice_errors(tmp_path: Path) -> None:
    make(tmp_path, {f"class{i:02}": 4 for i in range(12)} | {"horse": 4})
    names = ", ".join(f"class{i:02}" for i in range(10))
    message = error(tmp_path, classes=["class01", "hrose"])
    assert message == (f"data.classes: no class 'hrose' in {tmp_path}, did you mean 'horse'? It has {names} and 3 more")
    assert f"no class 'zzz' in {tmp_path}; it has {names} and 3 more" in error(tmp_path, classes=["horse", "zzz"])
    assert error(tmp_path, classes=["horse", "class01", "horse"]) == "data.classes: horse named more than once"
    assert error(tmp_path, classes=["horse"]).startswith("data.classes: 1 named, at least 2 are needed")
    assert error(tmp_path, num_classes=14) == f"data.num_classes=14: {tmp_path} allows 2 to 13, its classes"
    assert error(tmp_path, num_classes=1).startswith("data.num_classes=1: ")
    assert error(tmp_path, num_classes=3, classes=["horse", "class01"]) == (
        "data.num_classes=3 but data.classes names 2: give only one"
    )


@pytest.mark.parametrize("val_size", [0, 1, -3, 8, 0.0, 1.0, 1.5, -0.2, True, "0.2", None, float("nan")])
def test_val_size_errors(tmp_path: Path, val_size: Any) -> None:
    make(tmp_path, {"a": 4, "b": 5})
    assert error(tmp_path, val_size=val_size) == (
        f"data.val_size={val_size}: allowed are a fraction between 0 and 1, or 2 to 7 images in all, so that each of "
        "the 2 classes keeps at least one of 9 images on both sides"
    )


def test_a_class_with_one_image_cannot_be_split(tmp_path: Path) -> None:
    make(tmp_path, {"a": 1, "b": 5, "c": 4})
    assert error(tmp_path) == "data.val_size=0.2: at least 2 images are needed in each of: a"
