"""`python -m featevo.study RUN_OR_SWEEP [...] [--out FOLDER] [--json]`: test the paper's conclusions on many runs."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError, ended
from featevo.record.files import finite
from featevo.record.safe import inside


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, for any verdicts, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.study",
        description="Test the paper's conclusions on many runs; seeds are the statistical unit.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="RUN_OR_SWEEP", help="folder of a run or a sweep")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the results (default: study, beside the runs)")
    parser.add_argument("--json", action="store_true", help="print study.json instead of the table")
    parser.add_argument("--plan", action="store_true", help="print the plan of measures and tests only")
    options = parser.parse_args(arguments)

    def plan() -> None:
        from featevo.study.plan_document import as_plan  # here, as help needs no scipy

        print(as_plan(), end="")

    def test() -> None:
        if not options.paths:
            raise UserError("a study needs runs: python -m featevo.study RUN_OR_SWEEP [...]")
        # Here, as help needs neither scipy nor matplotlib.
        from featevo.study.collect import collect
        from featevo.study.findings import evaluate
        from featevo.study.results import as_json, write_study
        from featevo.study.tables import print_study

        home = Path(os.path.commonpath([path.resolve() for path in options.paths]))
        if options.out is None:
            inside(home, "study")  # no link to elsewhere, as the folder may be somebody else's
        study = evaluate(*collect(options.paths))
        out = options.out or home / "study"
        write_study(study, out)
        if options.json:
            print(json.dumps(finite(as_json(study)), indent=1, ensure_ascii=False))
        else:
            print_study(study)
            print(out / "study.md")

    return ended(plan if options.plan else test)
