"""`python -m featevo.report RUN_FOLDER [RUN_FOLDER ...] [--out PATH]`: one self-contained page from run folders."""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from featevo.errors import UserError
from featevo.figures.grid import open_picture
from featevo.figures.table import number, rows
from featevo.record.files import write_text
from featevo.record.reading import Evolution, RenderEntry, Snapshot, percent, read_curve, read_evolution

WIDTH, HEIGHT = 640, 200  # of the accuracy curve, in the units of its SVG


def write_report(run_folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write one HTML page that needs no network: a section per run, every picture inside it without loss.

    Args:
        run_folders: one or more run folders, shown in this order.
        out: the page; by default `report.html` in the run folder, or in the nearest folder that holds all of them.

    Returns:
        The path of the page.

    Raises:
        UserError: a folder holds no record, or the page cannot be written there.
    """
    if not run_folders:
        raise UserError("a report needs at least one run folder, and none was given")
    runs = [_section(read_evolution(folder)) for folder in run_folders]
    out = out or Path(os.path.commonpath([folder.resolve() for folder in run_folders])) / "report.html"
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    page = environment.get_template("report.html.j2").render(runs=runs, width=WIDTH, height=HEIGHT)
    try:
        write_text(out, page)
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a file") from error
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0 done, 2 the user's mistake."""
    parser = argparse.ArgumentParser(prog="python -m featevo.report", description="One self-contained page from runs.")
    parser.add_argument("run_folders", nargs="+", type=Path, metavar="RUN_FOLDER", help="a folder a run has written")
    parser.add_argument("--out", type=Path, metavar="PATH", help="the page (default: report.html in the run folder)")
    options = parser.parse_args(arguments)
    try:
        print(write_report(options.run_folders, options.out))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _section(evolution: Evolution) -> dict[str, Any]:
    """What the template shows of one run."""
    run, metrics, seconds = evolution.run, evolution.run.get("metrics"), evolution.run.get("seconds")
    facts = {
        "status": run.get("status", "unknown"),
        "error": run.get("error"),
        "best validation accuracy": percent(metrics.get("best_val_acc")) if isinstance(metrics, dict) else None,
        "seconds": number(seconds, 1) if isinstance(seconds, int | float) else None,
    }
    return {
        "name": evolution.name,
        "facts": {key: value for key, value in facts.items() if value not in (None, "-")},
        "curve": _curve(evolution),
        "rows": rows(evolution),
        "run": _pretty(run),
        "snapshots": [_shown(evolution, snapshot, label) for snapshot, label in _labelled(evolution)],
    }


def _labelled(evolution: Evolution) -> list[tuple[Snapshot, str]]:
    return list(zip(evolution.snapshots, evolution.labels(), strict=True))


def _shown(evolution: Evolution, snapshot: Snapshot, label: str) -> dict[str, Any]:
    entries = {render.unit: render for render in snapshot.of_view("classes")}
    return {
        "label": label,
        "caption": snapshot.caption,
        "error": snapshot.error,
        "provenance": _pretty(snapshot.provenance),
        "pictures": [_picture(evolution, entries.get(unit), name) for unit, name in evolution.classes.items()],
    }


def _picture(evolution: Evolution, render: RenderEntry | None, name: str) -> dict[str, Any]:
    if render is None:
        return {"name": name, "source": None, "numbers": ""}
    numbers = []
    if render.logit is not None:
        numbers.append(f"logit {render.logit:.1f}")
    if render.probability is not None:
        numbers.append(f"p {render.probability:.2f}")
    return {"name": name, "source": _data_uri(evolution.folder / render.file), "numbers": ", ".join(numbers)}


def _data_uri(path: Path) -> str | None:
    """The picture inside a URI, as the recorded PNG or as lossless WebP, whichever is smaller; None if missing."""
    picture = open_picture(path)
    if picture is None:
        return None
    webp = io.BytesIO()
    picture.save(webp, "WEBP", lossless=True)
    kind, content = min(("webp", webp.getvalue()), ("png", path.read_bytes()), key=lambda choice: len(choice[1]))
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _curve(evolution: Evolution) -> dict[str, Any]:
    """Validation accuracy by epoch as SVG points, with a mark (x, y, snapshot, title) per measured snapshot."""
    drawn = [(s.epoch, s.val_acc) for s in evolution.snapshots if s.val_acc is not None]
    curve = read_curve(evolution.folder) or drawn
    epochs = [epoch for epoch, _ in [*curve, *((s.epoch, 0) for s in evolution.snapshots)]] or [0]
    first, span = min(epochs), max(1, max(epochs) - min(epochs))

    def place(epoch: int, accuracy: float) -> tuple[float, float]:
        return round((epoch - first) / span * WIDTH, 1), round((1 - accuracy) * HEIGHT, 1)

    marks = [
        (*place(snapshot.epoch, snapshot.val_acc), index, f"epoch {label}: {snapshot.caption}")
        for index, (snapshot, label) in enumerate(_labelled(evolution))
        if snapshot.val_acc is not None
    ]
    points = " ".join(f"{x},{y}" for x, y in (place(epoch, accuracy) for epoch, accuracy in curve))
    return {"points": points, "marks": marks, "first": first, "last": first + span}


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
