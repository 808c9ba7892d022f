"""Whole runs on a real disk that is full: they end as they would, and say what is missing."""

import json
import subprocess

import pytest

from featevo.record.reading import read_evolution
from tests.processes import SMALL, command


@pytest.fixture
def disk(tmp_path):
    """Makes a small disk of a size in kB; skips where that needs rights."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def make(size):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", folder], capture_output=True)
        if mounted.returncode != 0:
            pytest.skip("mounting a disk needs root")
        return folder

    yield make
    subprocess.run(["umount", folder], capture_output=True)


def trained(tmp_path, folder):
    """A run that ends as if there were room; returns its output."""
    given = ("logger=none", "evolution.trigger=every_epoch")
    done = command(tmp_path, *SMALL, *given, f"hydra.run.dir={folder}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Traceback" not in done.stdout
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["error"], record["metrics"]["epochs"]) == ("finished", None, 2)
    assert not list(folder.glob("checkpoints/*"))
    return done.stdout


def test_without_room_for_weights_all_else_is_recorded(tmp_path, disk):
    folder = disk(1000) / "run"
    shown = trained(tmp_path, folder)
    for name in ("best.ckpt", "last.ckpt"):
        assert shown.count(f"{name} cannot be written; training goes on without this checkpoint") == 1
    for epoch in (1, 2):
        assert shown.count(f"epoch={epoch:03d}.safetensors cannot be written; the images are recorded") == 1
    assert len((folder / "metrics.csv").read_text().splitlines()) == 3
    assert [len(snapshot.of_view()) for snapshot in read_evolution(folder).snapshots] == [4, 4]
    assert (folder / "report.html").is_file()


def test_without_room_for_images_training_goes_on(tmp_path, disk):
    """What was written before the disk was full stays readable, and `run.json` has the end."""
    folder = disk(60) / "run"
    shown = trained(tmp_path, folder)
    for file in ("evolution/.real", "report.html"):
        assert any(file in line and "No space left on device" in line for line in shown.splitlines()), file
    assert (folder / "metrics.csv").read_text().startswith("epoch,step,")
    assert len(read_evolution(folder).snapshots) >= 1


def test_a_disk_too_small_for_a_run_is_one_line(tmp_path, disk):
    folder = disk(16)
    done = command(tmp_path, *SMALL, "logger=none", f"hydra.run.dir={folder / 'run'}")
    assert done.returncode in (1, 2)
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
