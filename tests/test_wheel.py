"""An installed wheel is complete: it has the configuration and the sweeps, and nothing is read from the checkout."""

import email
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import featevo
from featevo.app.paths import CONF, SWEEPS

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with what installing the wheel of this checkout puts into `site-packages`."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")  # what installing a pure wheel does
    return folder / "site"


def train(site, folder, *words):
    """`python -m featevo.train` of the wheel in a folder; prints first which featevo it is."""
    script = "import featevo, featevo.train, sys; print(featevo.__file__); sys.exit(featevo.train.main())"
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("source", [CONF, SWEEPS], ids=lambda folder: folder.name)
def test_the_configurations_are_in_it(site, source):
    shipped = site / "featevo" / source.name
    assert {path.relative_to(shipped) for path in shipped.rglob("*.yaml")} == {
        path.relative_to(source) for path in source.rglob("*.yaml")
    }


def test_other_files_are_in_it(site):
    page = {path.name for path in (ROOT / "featevo" / "page").iterdir() if path.is_file()}
    assert page <= {path.name for path in (site / "featevo" / "page").iterdir()}
    assert (site / "featevo" / "py.typed").is_file()  # type checkers read the annotations


def test_its_version_is_that_of_the_package(site):
    (metadata,) = site.glob("*.dist-info/METADATA")
    assert email.message_from_string(metadata.read_text(encoding="utf-8"))["Version"] == featevo.__version__


def test_the_command_runs_from_it(site, tmp_path):
    done = train(site, tmp_path, "--cfg", "job", "data=folder")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    assert "featevo.data.folder.FolderSource" in done.stdout


def test_its_sweeps_are_found_in_any_folder(site, tmp_path):
    done = train(site, tmp_path, "--config-dir", "sweeps", "--config-name", "init_mode", "--cfg", "hydra")
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"There is no folder sweeps here; taken: {site / 'featevo' / 'sweeps'}\n"
    assert "init: random,pretrained" in done.stdout
