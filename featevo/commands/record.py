"""`python -m featevo.record check RUN_FOLDER`: whether the record of a run is whole."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import DONE, FAILED, ended
from featevo.printable import printable
from featevo.record.check import problems_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 no problem, 1 problems, one line each, 2 no run."""
    parser = argparse.ArgumentParser(prog="python -m featevo.record", description="Look after the record of a run.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="read every file of a record, and name what is wrong")
    check.add_argument("folder", type=Path, metavar="RUN_FOLDER", help="folder of a run")
    folder = parser.parse_args(arguments).folder
    problems = list[str]()

    def show() -> None:
        problems.extend(problems_of(folder))
        for problem in problems or [f"{folder}: no problem"]:
            print(printable(problem, "?"))

    return ended(show) or (FAILED if problems else DONE)
