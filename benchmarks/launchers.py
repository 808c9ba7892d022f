"""Compares jobs one after the other with several jobs at once: python benchmarks/launchers.py

Times the whole command of the same sweep of four jobs (seeds 0 to 3, debug=small, no tracker) with launcher=local and
with launcher=joblib on two processes, alternating, twice each. Writes docs/launchers.json. Expect joblib to need a
little more than half of the time on two cores.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from featevo.record.provenance import versions

SWEEP = ("--multirun", "debug=small", "seed=0,1,2,3", "logger=none", "trainer.accelerator=cpu")
LAUNCHERS = {"local": (), "joblib": ("hydra.launcher.n_jobs=2",)}
ROUNDS = 2


def seconds(launcher: str) -> float:
    """Seconds of one whole sweep in an empty folder, with one thread for each process."""
    command = [sys.executable, "-m", "featevo.train", *SWEEP, f"launcher={launcher}", *LAUNCHERS[launcher]]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run([*command, f"hydra.sweep.dir={folder}/sweep"], check=True, capture_output=True, env=environment)
        return time.perf_counter() - began


def main() -> None:
    """Measure, alternating, and write the table."""
    found: dict[str, list[float]] = {launcher: [] for launcher in LAUNCHERS}
    for _ in range(ROUNDS):
        for launcher, times in found.items():
            times.append(round(seconds(launcher), 1))
            print(launcher, times[-1], flush=True)
    ratios = [round(many / one, 2) for one, many in zip(found["local"], found["joblib"], strict=True)]
    content = {
        "command": "python benchmarks/launchers.py",
        "sweep": f"python -m featevo.train {' '.join(SWEEP)}, OMP_NUM_THREADS=1",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": versions(),
        "seconds": found,
        "joblib_over_local": ratios,
    }
    path = Path(__file__).parent.parent / "docs" / "launchers.json"
    path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
