"""`python -m featevo.figures RUN_OR_SWEEP [RUN_OR_SWEEP ...]`: figures, films and tables for papers and talks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError, ended
from featevo.record.find import find_runs, may_write

LEAST_DPI, MOST_DPI = 50, 1200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.figures",
        description="Draw one run: its evolution, its accuracy with thumbnails, its other views, its film, its table. "
        "Draw several runs or a sweep: their comparison, and their classes. Print the path of each file.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="folder of a run or a sweep")
    parser.add_argument(
        "--format",
        default="png,svg,pdf",
        metavar="LIST",
        help="comma-separated; figures: png, svg, pdf; film: webp, gif, mp4; table: md, tex (default: %(default)s)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where to write (default: the given folder, or the common parent)"
    )
    parser.add_argument(
        "--dpi", type=int, metavar="N", help="dots per inch (default: 300); images are enlarged by whole factors"
    )
    parser.add_argument(
        "--real",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show real images of each class, too (default: if they are recorded)",
    )
    options = parser.parse_args(arguments)

    def write() -> None:
        # Here, as help needs no matplotlib.
        from featevo.figures.formats import FORMATS, write_figures
        from featevo.figures.look import DPI

        formats = _formats(options.format, FORMATS)
        dpi = DPI if options.dpi is None else options.dpi
        if not LEAST_DPI <= dpi <= MOST_DPI:
            raise UserError(f"--dpi {dpi}: must be from {LEAST_DPI} to {MOST_DPI}")
        found = find_runs(options.folders)
        for line in found.left_out:
            print(f"Left out: {line}", file=sys.stderr)
        out = options.out or may_write(found.home, options.folders)
        for path in write_figures(found, formats, out, dpi, options.real):
            print(path, flush=True)

    return ended(write)


def _formats(text: str, known: Sequence[str]) -> list[str]:
    formats = [name.strip().lower() for name in text.split(",")]
    for name in formats:
        if name not in known:
            raise UserError(f"--format {text}: {name or 'an empty name'} is not known; there are {', '.join(known)}")
    return list(dict.fromkeys(formats))
