"""`python -m featevo.figures RUN_OR_SWEEP [RUN_OR_SWEEP ...]`: figures, films and tables for papers and talks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError, ended
from featevo.figures.look import DPI
from featevo.figures.write import FORMATS, write_figures
from featevo.record.find import find_runs, may_write

LEAST_DPI, MOST_DPI = 50, 1200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.figures",
        description="One run: its evolution, its accuracy with thumbnails, its film, its table. Several, or a sweep: "
        "their comparison. Says what it wrote, a path on each line.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="a folder of a run or a sweep")
    parser.add_argument(
        "--format",
        default="png,svg,pdf",
        metavar="LIST",
        help="with commas: png, svg, pdf: figures; webp, gif, mp4: the film; md, tex: the table (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where to write (default: the folder given, or the one that holds all)",
    )
    parser.add_argument(
        "--dpi", type=int, default=DPI, metavar="N", help="dots per inch; pictures keep whole multiples of their pixels"
    )
    options = parser.parse_args(arguments)

    def write() -> None:
        formats = _formats(options.format)
        if not LEAST_DPI <= options.dpi <= MOST_DPI:
            raise UserError(f"--dpi {options.dpi}: must be from {LEAST_DPI} to {MOST_DPI}")
        found = find_runs(options.folders)
        for line in found.left_out:
            print(f"Left out: {line}", file=sys.stderr)
        out = options.out or may_write(found.home, options.folders)
        for path in write_figures(found, formats, out, options.dpi):
            print(path, flush=True)

    return ended(write)


def _formats(text: str) -> list[str]:
    formats = [name.strip().lower() for name in text.split(",")]
    for name in formats:
        if name not in FORMATS:
            raise UserError(f"--format {text}: {name or 'an empty name'} is not known; there are {', '.join(FORMATS)}")
    return list(dict.fromkeys(formats))
