"""Listing folders: what counts as a class or an image, and the message where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from featevo.data.listing import class_files, existing, labelled, readable, subfolders
from featevo.errors import UserError


def test_hidden_entries_and_other_files_do_not_count(tmp_path: Path) -> None:
    for name in ("a/1.JPEG", "a/deep/2.png", "a/notes.txt", "a/.3.png", "a/.git/4.png", ".b/5.png", "6.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert subfolders(tmp_path) == [tmp_path / "a"]
    assert class_files(tmp_path, ["a"], ["a"]) == [["1.JPEG", "deep/2.png"]]


def test_classes_without_images_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(UserError, match=r"^data\.root: no images .* for ape, bat; leave it out by data\.classes$"):
        class_files(tmp_path, ["a", "b"], ["ape", "bat"])


def test_files_are_labelled_by_the_place_of_their_folder(tmp_path: Path) -> None:
    images = labelled(tmp_path, ["x", "y"], [["1.png"], ["1.png", "2.png"]], 8, 1)
    assert images.images == [
        (str(tmp_path / "x" / "1.png"), 0),
        (str(tmp_path / "y" / "1.png"), 1),
        (str(tmp_path / "y" / "2.png"), 1),
    ]


def test_a_missing_root_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert existing("~", "a folder") == tmp_path
    for root, message in [(None, "data.root is not set"), ("/gone", "data.root=/gone does not exist")]:
        with pytest.raises(UserError, match=f"^{message}: give a folder$"):
            existing(root, "a folder")


def test_a_folder_that_cannot_be_listed_is_one_line() -> None:
    with (
        pytest.raises(UserError, match=r"^data\.root=/r: cannot list /gone: No such file or directory$"),
        readable("/r"),
    ):
        subfolders(Path("/gone"))
    with pytest.raises(UserError, match=r"^data\.root=/r: odd$"), readable("/r"):
        raise OSError("odd")
