"""Packages import from lower layers only: `make check` finds every import from a higher layer, also a lazy one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

UPWARDS = {
    "plain": "from featevo.page.gather import gather",
    "lazy": "def later():\n    import featevo.figures.table",
    "for types only": "import typing\nif typing.TYPE_CHECKING:\n    from featevo.evolve.trigger import Trigger",
    "a framework": "import pytorch_lightning",
}


def checked(root):
    program = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [str(program), "--no-cache", "--config", str(root / "pyproject.toml")]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "featevo", tmp_path / "featevo", ignore=shutil.ignore_patterns("__pycache__", "weights"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_code_keeps_the_contracts(copy):
    done = checked(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", UPWARDS)
def test_an_import_upwards_is_found(copy, kind):
    with (copy / "featevo" / "record" / "files.py").open("a") as file:
        file.write(f"\n\n{UPWARDS[kind]}\n")
    done = checked(copy)
    assert done.returncode == 1
    assert "featevo.record.files" in done.stdout


def test_a_new_package_needs_a_layer(copy):
    (copy / "featevo" / "attic").mkdir()
    (copy / "featevo" / "attic" / "__init__.py").write_text("")
    done = checked(copy)
    assert done.returncode == 1
    assert "attic" in done.stdout
