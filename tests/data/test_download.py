"""Downloading: the message of a failure, and no partly unpacked folder after it."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest

from featevo.data.download import download, place
from featevo.errors import UserError


def failing(folder: Path, error: BaseException) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "half").touch()
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (URLError(OSError(-2, "Name or service not known")), "[Errno -2] Name or service not known"),
        (RuntimeError("File not found\nor corrupted."), "File not found or corrupted."),
        (EOFError(), "EOFError"),
    ],
)
def test_a_failure_explains_the_manual_download(tmp_path: Path, error: Exception, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        download(lambda: failing(tmp_path / "set", error), "Set", "http://x/set.tgz", tmp_path, tmp_path / "set")
    assert str(caught.value) == (
        f"data.root={tmp_path}: Set is not there and cannot be downloaded ({reason}); "
        "fetch http://x/set.tgz by hand, put it there as it is, and start again"
    )
    assert not (tmp_path / "set").exists()


def test_an_interruption_cleans_up_and_is_raised(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        download(lambda: failing(tmp_path / "set", KeyboardInterrupt()), "Set", "", tmp_path, tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_existing_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with pytest.raises(UserError):
        download(lambda: failing(tmp_path / "set", OSError("full")), "Set", "", tmp_path, tmp_path / "set")
    assert (tmp_path / "set" / "half").exists()


def test_the_result_is_returned_and_the_default_place_is_below_home(monkeypatch: pytest.MonkeyPatch) -> None:
    assert download(lambda: 7, "Set", "", Path(), Path("/gone")) == 7
    monkeypatch.setenv("HOME", "/somewhere")
    assert place(None) == Path("/somewhere/.cache/featevo")
    assert place("~/x") == Path("/somewhere/x")
