"""Files are complete or absent."""

import errno
import json
import logging
import os

import pytest
import torch
from safetensors.torch import save_file

from featevo.record.files import is_of_disk, log_failure, replacing, write_json, write_text


def test_a_failing_writer_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_text(path, "before")

    def fails_half_way():
        with replacing(path) as temporary:
            temporary.write_text("hal")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        fails_half_way()
    assert path.read_text() == "before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_files_have_the_users_permissions(tmp_path, umask, expected):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "text.txt", "text")
        with replacing(tmp_path / "weights.safetensors") as temporary:
            save_file({"weight": torch.ones(2)}, temporary)
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "text.txt": expected,
        "weights.safetensors": expected,
    }


def test_a_writer_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "x"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_json_has_no_nan(tmp_path):
    write_json(tmp_path / "x.json", {"a": [float("nan"), float("inf"), 1.5], "b": {"c": (-float("inf"), "ü")}})
    text = (tmp_path / "x.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [None, None, 1.5], "b": {"c": [None, "ü"]}}
    assert "ü" in text


def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("featevo.record.files.os.fsync", full)
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path / 'x.json'}'$") as error:
        write_json(tmp_path / "x.json", {})
    assert is_of_disk(error.value)
    assert list(tmp_path.iterdir()) == []


def test_the_first_error_is_raised_although_the_folder_is_gone(tmp_path):
    """A file in the place of the folder: removing the temporary file is an error, too."""
    folder = tmp_path / "run"

    def fails():
        with replacing(folder / "x"):
            folder.rmdir()
            folder.touch()
            raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        fails()
    with pytest.raises(OSError, match=f"'{folder}'$"):
        write_text(folder / "x", "text")


def test_any_text_can_be_written(tmp_path):
    name = os.fsdecode(b"\xff.png")
    write_json(tmp_path / "x.json", {"name": name})
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"name": name}


@pytest.mark.parametrize(("error", "lines"), [(OSError(errno.ENOSPC, "full", "x.csv"), 1), (KeyError("a bug"), 2)])
def test_a_failure_has_a_traceback_unless_files_are_the_cause(error, lines, caplog):
    log_failure(logging.getLogger("any"), "It failed; training goes on", error)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"It failed; training goes on ({type(error).__name__}: ")
    assert len(caplog.text.splitlines()) == lines
