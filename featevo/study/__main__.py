"""`python -m featevo.study RUN_OR_SWEEP [...] [--out FOLDER] [--json]`: the paper's conclusions over many runs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from featevo.errors import UserError
from featevo.record.files import finite, write_json, write_text
from featevo.study.collect import collect
from featevo.study.evaluate import Study, evaluate
from featevo.study.figure import save_conclusion
from featevo.study.plan import as_plan
from featevo.study.words import as_json, as_markdown, print_study


def write_study(study: Study, out: Path) -> dict[str, str]:
    """Write `study.json`, `study.md` and a figure per claim into a folder.

    Returns:
        The figures' names by claim.

    Raises:
        UserError: The folder cannot be written.
    """
    files = {conclusion.claim.key: f"claim-{conclusion.claim.key}.png" for conclusion in study.conclusions}
    try:
        for conclusion in study.conclusions:
            save_conclusion(conclusion, out / files[conclusion.claim.key])
        write_text(out / "study.md", as_markdown(study, files))
        write_json(out / "study.json", as_json(study, files))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a folder") from error
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0 done, whatever the verdicts, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.study",
        description="The paper's conclusions tested over many runs, seeds being the unit.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="RUN_OR_SWEEP", help="a run's or a multirun's folder")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for the result (default: study, beside the runs)")
    parser.add_argument("--json", action="store_true", help="print study.json instead of the table")
    parser.add_argument("--plan", action="store_true", help="print what is measured and tested, and stop")
    options = parser.parse_args(arguments)
    if options.plan:
        print(as_plan(), end="")
        return 0
    try:
        if not options.paths:
            raise UserError("a study needs runs: python -m featevo.study RUN_OR_SWEEP [...]")
        study = evaluate(*collect(options.paths))
        out = options.out or Path(os.path.commonpath([path.resolve() for path in options.paths])) / "study"
        files = write_study(study, out)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(finite(as_json(study, files)), indent=1, ensure_ascii=False))
    else:
        print_study(study, Console())
        print(out / "study.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
