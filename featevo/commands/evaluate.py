"""`python -m featevo.evaluate CHECKPOINT [data.KEY=VALUE ...] [--json]`: test metrics of a trained network."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from featevo.errors import ended
from featevo.record.files import finite

if TYPE_CHECKING:
    from featevo.app.evaluate import Evaluation


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.evaluate", description="Test metrics of a trained network."
    )
    parser.add_argument(
        "path", type=Path, metavar="CHECKPOINT", help="a file in checkpoints/ of a run, or a run folder (its best one)"
    )
    parser.add_argument(
        "data",
        nargs="*",
        metavar="data.KEY=VALUE",
        help="other data than the run's, such as data.root=FOLDER; of these, the validation images count",
    )
    parser.add_argument("--json", action="store_true", help="print all numbers, with the confusion matrix")
    parser.add_argument(
        "--trust", action="store_true", help="build whatever the run's configuration names, which may run any code"
    )
    options = parser.parse_args(arguments)

    def run() -> None:
        # Here, as it takes seconds, and help needs none of it.
        from featevo.app.evaluate import evaluate

        found = evaluate(options.path, options.data, options.trust)
        if options.json:
            print(json.dumps(finite(asdict(found)), indent=1, ensure_ascii=False))
        else:
            print(_text(found))

    return ended(run)


def _text(found: Evaluation) -> str:
    top = "" if found.top5 is None else f", top 5 {100 * found.top5:.1f} %"
    width = max(len(name) for name in found.classes)
    lines = [
        f"{found.checkpoint}: {found.images} images",
        f"accuracy {100 * found.accuracy:.1f} %{top}, loss {found.loss:.3f}, "
        f"calibration error {found.calibration_error:.3f}",
        "",
        f"{'class':<{width}}  right   most often taken for",
    ]
    for number, (name, recall) in enumerate(zip(found.classes, found.recall, strict=True)):
        row = list(found.confusion[number])
        row[number] = 0
        wrong = max(range(len(row)), key=row.__getitem__)
        share = "-" if recall is None else f"{100 * recall:.1f} %"
        lines.append(f"{name:<{width}}  {share:>7}  {f'{found.classes[wrong]} ({row[wrong]})' if row[wrong] else '-'}")
    return "\n".join(lines)
