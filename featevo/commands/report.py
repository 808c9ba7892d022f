"""`python -m featevo.report RUN_OR_SWEEP [RUN_OR_SWEEP ...] [--out PATH]`: one self-contained page from records."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import ended
from featevo.page.gather import gather
from featevo.page.page import write_gathered


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m featevo.report", description="Write one self-contained page.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN_OR_SWEEP", help="folder of a run or a sweep")
    parser.add_argument("--out", type=Path, metavar="PATH", help="the page (default: report.html in the given folder)")
    options = parser.parse_args(arguments)

    def report() -> None:
        gathered = gather(options.folders)
        for line in gathered.left_out:
            print(f"Left out: {line}", file=sys.stderr)
        print(write_gathered(gathered, options.folders, options.out))

    return ended(report)
