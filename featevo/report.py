"""`python -m featevo.report RUN_OR_SWEEP [RUN_OR_SWEEP ...] [--out PATH]`: one self-contained page from the records."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.page.gather import Gathered, gather
from featevo.page.page import page
from featevo.record.files import write_text
from featevo.sweep.members import may_write


def write_report(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write one HTML page that needs no network: all runs beside each other, moved through training by one slider.

    Args:
        folders: run folders and sweep folders, shown in this order, and a study's; those without a record are named
            on the page.
        out: the page; by default `report.html` in the folder given, or in the nearest one that holds all of them.

    Returns:
        The path of the page.

    Raises:
        UserError: no folder holds a record, the page cannot be written there, or `out` must be given: see
            `featevo.sweep.members.may_write`.
    """
    return _write(gather(folders), folders, out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m featevo.report", description="One self-contained page from runs.")
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="a folder that a run or a multirun has written"
    )
    parser.add_argument("--out", type=Path, metavar="PATH", help="the page (default: report.html in the folder given)")
    options = parser.parse_args(arguments)
    try:
        gathered = gather(options.folders)
        for line in gathered.left_out:
            print(f"Left out: {line}", file=sys.stderr)
        print(_write(gathered, options.folders, options.out))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _write(gathered: Gathered, folders: Sequence[Path], out: Path | None) -> Path:
    out = out or may_write(gathered.home, folders) / "report.html"
    try:
        write_text(out, page(gathered))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a file") from error
    return out


if __name__ == "__main__":
    sys.exit(main())
