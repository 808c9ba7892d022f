"""One GPU per job: real locks between real processes; no GPU is used."""

import subprocess
import sys

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
