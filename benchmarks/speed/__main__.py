"""Measures the speed of activation maximization: make bench, or python -m benchmarks.speed [--only PART ...]

All parts together take about ten minutes with one thread and are written to docs/performance.json and the tables of
docs/performance.md. With --only the tables of these parts are printed, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from benchmarks.speed.cases import CASES
from benchmarks.speed.growth import COUNTS, growth
from benchmarks.speed.medians import SHAPES, medians
from benchmarks.speed.race import race
from benchmarks.speed.tables import tables, with_tables
from benchmarks.speed.targets import targets
from featevo.record.provenance import git_commit

DOCS = Path(__file__).parents[2] / "docs"
PARTS = (*(case.name for case in CASES), "growth", "medians")
OWN = ("featevo", "torch", "torchvision", "numpy", "scipy")
PACKAGES = (*OWN, "torch-lucent", "torch-dreams", "dreamlens", "horama", "kornia", "opencv-python-headless")


def measured(
    parts: tuple[str, ...], seed: int, repeats: int | None, steps: int | None, classes: int | None
) -> dict[str, Any]:
    """Measure these parts; `repeats`, `steps` and one more number of `classes` change their defaults."""
    found: dict[str, Any] = {"races": [], "growth": [], "medians": []}
    for case in CASES:
        if case.name in parts:
            case = replace(case, rounds=repeats or case.rounds, steps=steps or case.steps)
            found["races"].append(_said(race(case, seed)))
    if "growth" in parts:
        for name, counts in COUNTS.items():
            more = (classes,) if classes and name == "vgg16_slim" else ()
            found["growth"] += _said(growth(name, (*counts, *more), 64, repeats or 3, seed))
    if "medians" in parts:
        for size, images in SHAPES:
            found["medians"].append(_said(medians(size, images, repeats or (2 if size * images > 4096 else 7), seed)))
    return {"targets": targets(found), **found}


def _said(result: Any) -> Any:
    print(json.dumps(result), flush=True)
    return result


def _cpu() -> str:
    table = Path("/proc/cpuinfo")
    lines = table.read_text(encoding="utf-8").splitlines() if table.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--repeats", type=int, help="rounds of each part, instead of its own number")
    parser.add_argument("--steps", type=int, help="of the long calls, 4 n + 1")
    parser.add_argument("--classes", type=int, help="one more number of classes for the growth, such as 1000")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if find_spec("cv2"):
        import cv2

        cv2.setNumThreads(given.threads)
    load, began = round(os.getloadavg()[0], 2), time.time()
    found = measured(tuple(given.only or PARTS), given.seed, given.repeats, given.steps, given.classes)
    results = {
        "command": " ".join(["python -m benchmarks.speed", *sys.argv[1:]]),
        "date": time.strftime("%Y-%m-%d", time.gmtime(began)),
        "minutes": round((time.time() - began) / 60, 1),
        "seed": given.seed,
        "threads": given.threads,
        "python": platform.python_version(),
        "machine": {
            "cpu": _cpu(),
            "capability": torch.backends.cpu.get_cpu_capability(),
            "cores": os.cpu_count(),
            "load": load,
        },
        "commit": git_commit(),
        "versions": {name: metadata.version(name) for name in PACKAGES if _installed(name)},
        **found,
    }
    print(tables(results))
    if given.only is None:
        page = DOCS / "performance.md"
        (DOCS / "performance.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        page.write_text(with_tables(page.read_text(encoding="utf-8"), results), encoding="utf-8")


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()
