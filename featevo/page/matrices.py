"""What is taken for what, class by class, and what networks of other epochs say of the pictures of an epoch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.reading import Evolution, evenly
from featevo.record.safe import MOST_MATRICES, read_json
from featevo.record.schema import is_number

log = logging.getLogger(__name__)

KINDS = ("crops", "validation", "self")
"""Matrices of `confusion.json`, in the order in which the page shows them; rows are shares or probabilities. The
judge's is not shown, see `featevo.record.withheld`."""

MOST_CLASSES = 20
"""Of a matrix: the names of more could not be read."""

MOST_EPOCHS = 40
"""Rows of the table of epochs."""

MOST_VALUES = 400_000
"""Of all matrices of a page, which is about 1 MB."""


def matrices_of(evolution: Evolution, places: Sequence[int], most: float = MOST_VALUES) -> dict[str, Any]:
    """The matrices of a run, in thousandths.

    Args:
        places: Of the snapshots that the page shows.
        most: Values that this run may have.

    Returns:
        `byFrame`: by place in `places`, the matrices with their classes, of some snapshots only where all are too
        many, and `tooMany`: how many classes matrices have that are not shown; `epochs` and `transfer`: mean
        probability by epoch of the pictures (rows) and of the network (columns). Only what there is.
    """
    read = {frame: _confusion(evolution, evolution.snapshots[place].folder) for frame, place in enumerate(places)}
    found = {frame: matrices for frame, matrices in read.items() if matrices}
    shown = {frame: matrices for frame, matrices in found.items() if "tooMany" not in matrices}
    size = sum(len(row) for matrices in shown.values() for kind in KINDS for row in matrices.get(kind, []))
    kept = [[*shown][place] for place in evenly(len(shown), max(1, int(len(shown) * most / max(size, most, 1))))]
    said = {"tooMany": max(m["tooMany"] for m in found.values() if "tooMany" in m)} if len(shown) < len(found) else {}
    frames = {"byFrame": {str(frame): shown[frame] for frame in kept}} if shown else {}
    return {**frames, **said, **_transfer(evolution.folder)}


def _confusion(evolution: Evolution, folder: str) -> dict[str, Any]:
    whole = _object(evolution.folder, f"evolution/{folder}/confusion.json")
    classes = _names(whole.get("classes"))
    matrices = {kind: rows for kind in KINDS if (rows := _rows(whole.get(kind), len(classes), len(classes)))}
    if not matrices:
        return {}
    return {"tooMany": len(classes)} if len(classes) > MOST_CLASSES else {"classes": classes, **matrices}


def _transfer(folder: Path) -> dict[str, Any]:
    whole = _object(folder, "evolution/transfer.json")
    epochs = _names(whole.get("epochs"))
    rows = _rows(whole.get("probabilities"), len(epochs), len(epochs))
    if not rows:
        return {}
    kept = evenly(len(epochs), MOST_EPOCHS)
    return {"epochs": [epochs[k] for k in kept], "transfer": [[rows[i][j] for j in kept] for i in kept]}


def _rows(rows: Any, height: int, width: int) -> list[list[int | None]]:
    """A matrix in thousandths, None where there is no number; nothing where it is not of this shape."""
    if not isinstance(rows, list) or len(rows) != height:
        return []
    if not all(isinstance(row, list) and len(row) == width for row in rows):
        return []
    return [[round(1000 * value) if is_number(value) else None for value in row] for row in rows]


def _names(given: Any) -> list[str]:
    return [str(name) for name in given] if isinstance(given, list) else []


def _object(folder: Path, file: str) -> dict[str, Any]:
    try:
        whole = read_json(folder, file, MOST_MATRICES)
        return whole if isinstance(whole, dict) else {}
    except UserError as error:
        log.warning("Matrices left out: %s", error)
    except (OSError, ValueError):
        pass
    return {}
