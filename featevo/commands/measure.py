"""`python -m featevo.measure RUN_OR_SWEEP ...`: compute measures of finished runs and add them to their records."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import ended
from featevo.record.find import find_runs


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m featevo.measure", description="Measure finished runs.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="folders of runs or sweeps")
    parser.add_argument("--measures", metavar="NAME", help="a bundle of conf/measures (default: as configured)")
    parser.add_argument("--vgg16", metavar="FILE", help="the convolutions of ImageNet's VGG-16, for likeness/vgg16")
    parser.add_argument("--judge", metavar="FILE", help="a VGG's convolutions, for the drift (default: as configured)")
    parser.add_argument(
        "--trust", action="store_true", help="build whatever the runs' configurations name, which may run any code"
    )
    options = parser.parse_args(arguments)

    def measure() -> None:
        found = find_runs(options.folders)
        for line in found.left_out:
            print(f"Left out: {line}", file=sys.stderr)
        # Here, as it takes seconds, and help and mistakes in arguments need none of it.
        from featevo.app.remeasure import Instead, remeasure

        instead = Instead(options.measures, options.vgg16, options.judge)

        for evolution in found.evolutions:
            count = remeasure(evolution.folder, instead, options.trust)
            print(f"{evolution.folder}: {count} snapshots measured", flush=True)

    return ended(measure)
