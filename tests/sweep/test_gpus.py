"""One GPU per job: real locks between real processes; no GPU is used."""

import errno
import fcntl
import subprocess
import sys
import tempfile

from featevo.sweep.gpus import own_gpu, visible_gpus

HOLD = """
import sys, time
from pathlib import Path
from featevo.sweep.gpus import own_gpu
with own_gpu(Path(sys.argv[1]), ["3", "5"]) as environment:
    print(environment["CUDA_VISIBLE_DEVICES"], flush=True)
    time.sleep(60)
"""


def hold(folder):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_each_job_has_its_own_gpu_and_a_killed_job_releases_it(tmp_path):
    first, one = hold(tmp_path)
    try:
        with own_gpu(tmp_path, ["3", "5"]) as environment:
            assert {one, environment["CUDA_VISIBLE_DEVICES"]} == {"3", "5"}
        first.kill()
        first.wait()
        with own_gpu(tmp_path, [one, "5" if one == "3" else "3"]) as environment:
            assert environment["CUDA_VISIBLE_DEVICES"] == one
    finally:
        first.kill()
        first.wait()
        first.stdout.close()


def test_one_gpu_or_none_is_not_reserved(tmp_path):
    for gpus in ([], ["0"]):
        with own_gpu(tmp_path, gpus) as environment:
            assert environment == {}
    assert not list(tmp_path.iterdir())


def test_only_visible_gpus_are_used(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-abc")
    assert visible_gpus() == ["2", "GPU-abc"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert visible_gpus() == []


def test_without_locks_in_the_folder_those_of_the_machine_are_used(tmp_path, monkeypatch):
    """The file system of the multirun has no locks, that of temporary files has them."""

    def flock(file, operation):
        if not file.name.startswith(str(tmp_path / "machine")):
            raise OSError(errno.ENOLCK, "No locks available")
        return lock(file, operation)

    lock = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "machine"))
    (tmp_path / "machine").mkdir()
    with own_gpu(tmp_path, ["3", "5"]) as first, own_gpu(tmp_path, ["3", "5"]) as second:
        assert {first["CUDA_VISIBLE_DEVICES"], second["CUDA_VISIBLE_DEVICES"]} == {"3", "5"}
