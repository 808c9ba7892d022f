"""Measures where the time of the default run goes: python benchmarks/default_run.py [--rounds N] [--before FOLDER]

Runs `python -m featevo.train` with two threads, and its --help, in processes of their own, and times the parts of the
run. The first round of each code draws the scenes, later ones find them in a cache folder of their own. With --before,
rounds alternate between the code of this checkout and that of another one. Writes docs/default-run.json. Expect the
first training step within about 8 seconds, and at most a tenth of the time for drawing and measuring.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
THREADS = 2


def timed(owner: Any, name: str, seconds: dict[str, float], part: str, ends: dict[str, float] | None = None) -> None:
    """Add the time of each call of a function or method to a part, and keep when the last call ended."""
    inner: Callable[..., Any] = getattr(owner, name)

    @wraps(inner)
    def outer(*arguments: Any, **named: Any) -> Any:
        began = time.time()
        try:
            return inner(*arguments, **named)
        finally:
            seconds[part] += time.time() - began
            if ends is not None:
                ends[part] = time.time()

    setattr(owner, name, outer)


def child(out: Path, start: float, overrides: Sequence[str]) -> None:
    """One run in this process, which began at `start`; the seconds of its parts go to a file."""
    from featevo.app import training

    seconds = defaultdict(float, {"imports": time.time() - start})
    from featevo.commands.train import main as command
    from featevo.model.classifier import Classifier
    from featevo.record.store import RunFolder
    from featevo.views.snapshotter import Snapshotter

    ends: dict[str, float] = {}
    for name, part in {"build_data": "data", "build_classifier": "network", "build_trackers": "tracker"}.items():
        timed(training, name, seconds, part)
    timed(Snapshotter, "_parts", seconds, "drawing")
    timed(Snapshotter, "measured", seconds, "measuring")
    timed(Snapshotter, "_compared", seconds, "layer comparison")
    timed(RunFolder, "append", seconds, "files")
    timed(Snapshotter, "take", seconds, "snapshots", ends)
    step = Classifier.training_step

    def first_step(self: Classifier, *arguments: Any) -> Any:
        ends.setdefault("first step", time.time())
        return step(self, *arguments)

    setattr(Classifier, "training_step", first_step)  # noqa: B010 (mypy knows the other type)
    sys.argv = ["featevo.train", *overrides]
    assert command() == 0
    seconds["first step"] = ends["first step"] - start
    seconds["training"] = ends["snapshots"] - ends["first step"] - seconds.pop("snapshots")
    out.write_text(json.dumps({**seconds, "closed at": ends["snapshots"] - start}))


def run(code: Path, cache: Path, overrides: Sequence[str]) -> dict[str, float]:
    """The seconds of one run's parts, with the code of a checkout; `share` is that of drawing and measuring."""
    environment = {**os.environ, "PYTHONPATH": str(code), "OMP_NUM_THREADS": str(THREADS), "FEATEVO_CACHE": str(cache)}
    with tempfile.TemporaryDirectory() as folder:
        out, start = Path(folder, "seconds.json"), time.time()
        given = [str(out), str(start), f"hydra.run.dir={folder}/run", *overrides]
        command = [sys.executable, str(Path(__file__).resolve()), "--child", *given]
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd=folder)
        total = time.time() - start
        seconds = json.loads(out.read_text())
    seconds["closing"] = total - seconds.pop("closed at")
    drawn = seconds["drawing"] + seconds["measuring"]
    return {name: round(value, 3) for name, value in {**seconds, "total": total, "share": drawn / total}.items()}


def help_cpu(code: Path) -> float:
    """CPU seconds of `python -m featevo.train --help`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "featevo.train", "--help"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(code)}, cwd=code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3)


def measure(codes: dict[str, Path], rounds: int, overrides: Sequence[str]) -> dict[str, Any]:
    """First round and the medians of later ones, for each code; rounds alternate."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in codes}
    helps: dict[str, list[float]] = {name: [] for name in codes}
    with tempfile.TemporaryDirectory() as caches:
        for _ in range(rounds):
            for name, code in codes.items():
                helps[name].append(help_cpu(code))
                found[name].append(run(code, Path(caches, name), overrides))
                print(name, found[name][-1], flush=True)
    return {
        name: {
            "help, CPU seconds": median(helps[name]),
            "first round": runs[0],
            "later rounds": {part: round(median(one[part] for one in runs[1:] or runs), 3) for part in runs[0]},
        }
        for name, runs in found.items()
    }


def main() -> None:
    """Measure and write the table."""
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
        return
    from featevo.record.provenance import versions

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout, to compare with")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "default-run.json")
    options = parser.parse_args()
    codes = {"now": ROOT, **({"before": options.before.resolve()} if options.before else {})}
    content = {
        "command": "python benchmarks/default_run.py",
        "run": f"python -m featevo.train, OMP_NUM_THREADS={THREADS}",
        "seed": 0,
        "rounds": options.rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": versions(),
        "seconds": measure(codes, options.rounds, []),
    }
    options.out.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
