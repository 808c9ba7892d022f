"""Measures whether it would pay to draw beside training, in a process of its own, and not between two epochs.

    python benchmarks/beside_training.py [--rounds 3] [--epochs 6] [--out docs/beside-training.json]

Each round trains three times with the same seed: without drawing; with drawing between the epochs, as featevo does it;
and without drawing, beside a process that draws the same images (`featevo.render --check`, from the weights that the
second training kept) and starts with it. The third time ends when both have ended. Handing over weights and waiting for
them are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from featevo.record.provenance import versions

TRAIN = ("-m", "featevo.train", "logger=none", "measures=off", "evolution.layer_change=false")
DRAWN = ("evolution.trigger=every_epoch", "evolution.save_weights=true")


def main() -> None:
    """Print the result and, with --out, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--overrides", nargs="*", default=[], help="of featevo.train, for tests")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    overrides = (f"trainer.max_epochs={arguments.epochs}", *arguments.overrides)
    rounds = [measure(overrides) for _ in range(arguments.rounds)]
    result = {
        "command": f"python benchmarks/beside_training.py --rounds {arguments.rounds} --epochs {arguments.epochs}",
        "seed": 0,
        "versions": versions(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rounds": rounds,
        "median": {name: statistics.median(found[name] for found in rounds) for name in rounds[0]},
    }
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


def measure(overrides: tuple[str, ...]) -> dict[str, float]:
    """Seconds of each way, and what drawing beside training gains as a share of the time with drawing in between."""
    with tempfile.TemporaryDirectory() as folder:
        alone = seconds([*TRAIN, "evolution=off", *overrides, f"hydra.run.dir={folder}/alone"])
        between = seconds([*TRAIN, *DRAWN, *overrides, f"hydra.run.dir={folder}/between"])
        drawing = start(["-m", "featevo.render", f"{folder}/between", "--check"])
        shutil.rmtree(f"{folder}/alone")
        beside = seconds([*TRAIN, "evolution=off", *overrides, f"hydra.run.dir={folder}/alone"])
        began = time.perf_counter()
        drawing.communicate()
        beside += time.perf_counter() - began
        assert drawing.returncode == 0, "the images differ from those of the training"
    found = {"alone": alone, "between": between, "beside": beside}
    return {name: round(value, 1) for name, value in found.items()} | {"gain": round(1 - beside / between, 3)}


def start(words: list[str]) -> subprocess.Popen[Any]:
    """Python in a process of its own."""
    return subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seconds(words: list[str]) -> float:
    """Wall time of Python in a process of its own."""
    began = time.perf_counter()
    process = start(words)
    process.communicate()
    assert process.returncode == 0, words
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
