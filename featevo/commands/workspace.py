"""`python -m featevo.workspace [RUN_OR_SWEEP]`: a W&B workspace with the evolution beside the curves."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.errors import ended
from featevo.record.find import find_runs
from featevo.tracking import unset_empty_mode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m featevo.workspace", description="Save a W&B workspace.")
    parser.add_argument("folder", nargs="?", type=Path, metavar="RUN_OR_SWEEP", help="its classes get panels")
    parser.add_argument("--entity", help="W&B user or team (default: that of the key)")
    parser.add_argument("--project", default="featevo", help="W&B project (default: featevo)")
    parser.add_argument("--name", default="Feature evolution", help="workspace name (default: Feature evolution)")
    parser.add_argument("--json", action="store_true", help="print the workspace instead of saving it; needs no key")
    options = parser.parse_args(arguments)
    unset_empty_mode()

    def make() -> None:
        found = find_runs([options.folder], deep=True) if options.folder else None
        for line in found.left_out if found else ():
            print(f"Left out: {line}", file=sys.stderr)
        # Here, as help and a wrong path need no W&B.
        from featevo.tracking.wandb_workspace import as_json, build_workspace, default_entity, saved, subjects

        about = subjects(found.evolutions if found else [])
        if about.left_out:
            shown = len(about.classes)
            print(f"Panels for {shown} classes, evenly spread; {about.left_out} have none", file=sys.stderr)
        entity = options.entity or ("" if options.json else default_entity())
        workspace = build_workspace(entity, options.project, options.name, about)
        print(as_json(workspace) if options.json else saved(workspace))

    return ended(make)
