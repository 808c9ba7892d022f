"""The contact sheet of the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from featevo.data.scenes import MOST
from featevo.data.scenes.__main__ import main


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "featevo.data.scenes", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_sheet_is_written(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    done = call("--classes", "hamburger", "flamingo", "--size", "48", "--per-class", "3", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    with Image.open(out) as page:
        assert page.width == 3 * 50 - 2
        assert page.height > 2 * 48
        assert np.asarray(page).std() > 20


def test_a_number_of_classes_after_some_skipped(tmp_path: Path) -> None:
    out = tmp_path / "many.png"
    assert main(["--classes", "30", "--skip", "4", "--size", "32", "--per-class", "2", "--out", str(out)]) == 0
    with Image.open(out) as page:
        assert page.width == 2 * 34 - 2
        assert page.height == 30 * (32 + 14 + 2)
        rows = np.asarray(page.convert("RGB")).reshape(30, 48, -1)[:, 14:46]
    assert len({row.tobytes() for row in rows}) == 30


def test_without_a_choice_the_named_classes_are_drawn(tmp_path: Path) -> None:
    out = tmp_path / "four.png"
    assert main(["--size", "32", "--per-class", "1", "--out", str(out)]) == 0
    with Image.open(out) as page:
        assert page.height == 4 * (32 + 14 + 2)


def test_an_unknown_class_exits_2_with_one_line(tmp_path: Path) -> None:
    done = call("--classes", "hamburger", "treefrog", "--out", str(tmp_path / "x.png"))
    assert done.returncode == 2
    assert "did you mean 'tree frog'?" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "8"], "--size is 8; it must be a whole number of at least 32"),
        (["--seed", "-1"], "--seed is -1"),
        (["--per-class", "0"], "--per-class is 0"),
        (["--classes", "1"], "--classes is 1; it must be a whole number of at least 2"),
        (["--classes", "999999"], f"--classes is 999999 and --skip is 0; the drawn data set has 2 to {MOST} classes"),
        (["--classes", "flamingo", "hamburger", "--skip", "1"], "--skip is 1, but --classes names"),
        (["--skip", "-1"], "--skip is -1"),
        (["--out", "missing/x.png"], "--out missing/x.png cannot be written"),
        (["--out", "x.nonsense"], "--out x.nonsense cannot be written"),
    ],
)
def test_invalid_arguments_exit_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--size", "32", "--per-class", "1", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
