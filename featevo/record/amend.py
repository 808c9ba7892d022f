"""Measures put into a record that is already there: the whole index is written anew, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featevo.errors import UserError
from featevo.record.files import finite, write_json, write_text
from featevo.record.reading import INDEX

if TYPE_CHECKING:
    from featevo.measure.measuring import Measured


def amend(folder: Path, found: Mapping[str, Measured], kept: Mapping[str, Callable[[str], bool]]) -> None:
    """Put new measures into snapshots of a record, in the place of the old ones.

    Args:
        folder: The run folder.
        found: By a snapshot's folder in `evolution/`.
        kept: Which old measures stay, by the same; those that could not be asked again.

    Raises:
        UserError: When the index has a line that is none, as of a run that is still going or was killed.
    """
    index = folder / INDEX
    try:
        lines = [line for line in index.read_text(encoding="utf-8").split("\n") if line.strip()]
        entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    except ValueError as error:
        raise UserError(f"{index}: has a line that is not whole; measure the run when it is over") from error
    for entry in entries:
        measured = found.get(entry.get("folder", ""))
        if measured is None:
            continue
        stays = kept[entry["folder"]]
        entry["measures"] = _kept(entry.get("measures"), stays) | measured.values.means
        entry["measure_seconds"] = round(measured.seconds, 3)
        entry["provenance"] = {**(entry.get("provenance") or {}), "measures": measured.provenance}
        renders = sorted((r for r in entry["renders"] if r["view"] == "classes"), key=lambda render: render["unit"])
        for place, render in enumerate(renders):
            new = {name: values[place] for name, values in measured.values.each.items()}
            render["measures"] = _kept(render.get("measures"), stays) | new
        if measured.values.matrices:
            path = folder / "evolution" / entry["folder"] / "confusion.json"
            known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            matrices = measured.matrices_of([render.get("name", str(render["unit"])) for render in renders])
            write_json(path, finite({**known, **matrices}))
    text = (json.dumps(finite(entry), ensure_ascii=False, allow_nan=False) for entry in entries)
    write_text(index, "".join(f"{line}\n" for line in text))


def _kept(measures: dict[str, Any] | None, stays: Callable[[str], bool]) -> dict[str, Any]:
    return {name: value for name, value in (measures or {}).items() if stays(name)}
