"""Measures put into a record that is already there: the whole index is written anew, or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featevo.record.files import finite, write_json, write_text
from featevo.record.reading import INDEX

if TYPE_CHECKING:
    from featevo.evolve.measuring import Measured


def amend(folder: Path, found: Mapping[str, Measured]) -> None:
    """Add measures to snapshots of a record; what is there under other names stays.

    Args:
        folder: The run folder.
        found: By a snapshot's folder in `evolution/`.
    """
    index = folder / INDEX
    entries: list[dict[str, Any]] = [json.loads(line) for line in index.read_text(encoding="utf-8").split("\n") if line]
    for entry in entries:
        measured = found.get(entry["folder"])
        if measured is None:
            continue
        entry["measures"] |= measured.values.means
        entry["measure_seconds"] = round(measured.seconds, 3)
        entry["provenance"]["measures"] = measured.provenance
        renders = sorted((r for r in entry["renders"] if r["view"] == "classes"), key=lambda render: render["unit"])
        for place, render in enumerate(renders):
            render["measures"] |= {name: values[place] for name, values in measured.values.each.items()}
        if measured.values.matrices:
            path = folder / "evolution" / entry["folder"] / "confusion.json"
            known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            classes = {"classes": [render["name"] for render in renders]}
            write_json(path, finite({**known, **classes, **measured.values.matrices}))
    lines = (json.dumps(finite(entry), ensure_ascii=False, allow_nan=False) for entry in entries)
    write_text(index, "".join(f"{line}\n" for line in lines))
