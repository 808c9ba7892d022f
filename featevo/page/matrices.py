"""Confusion matrices by class, and the predictions of networks of some epochs for renders of other epochs."""

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

KINDS = ("shipped", "efficientnet_lite0", "vgg16", "validation", "real", "patches", "self")
"""Matrices of `confusion.json` in the order of the page; rows are shares or probabilities. Those of measures that are
withheld are not shown, see `featevo.record.withheld`."""

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
        most: Most values of this run.

    Returns:
        Only what exists of: `byFrame`, the matrices with their classes by place in `places`, of some snapshots only if
        all are too many; `tooMany`, the number of classes of matrices that are too large; `epochs` and `transfer`, the
        mean probability by epoch of the renders (rows) and of the network (columns).
    """
    read = {frame: _confusion(evolution, evolution.snapshots[place].folder) for frame, place in enumerate(places)}
    found = {frame: matrices for frame, matrices in read.items() if matrices}
    shown = {frame: matrices for frame, matrices in found.items() if "tooMany" not in matrices}
    size = sum(len(row) for matrices in shown.values() for kind in KINDS for row in matrices.get(kind, []))
    kept = [[*shown][place] for place in evenly(len(shown), max(1, int(len(shown) * most / max(size, most, 1))))]
    large = {"tooMany": max(m["tooMany"] for m in found.values() if "tooMany" in m)} if len(shown) < len(found) else {}
    frames = {"byFrame": {str(frame): shown[frame] for frame in kept}} if shown else {}
    return {**frames, **large, **_transfer(evolution.folder)}


def _confusion(evolution: Evolution, folder: str) -> dict[str, Any]:
    whole = _object(evolution.folder, f"evolution/{folder}/confusion.json")
    classes = _names(whole.get("classes"))
    matrices = {kind: rows for kind in KINDS if (rows := _rows(whole.get(kind), len(classes)))}
    if not matrices:
        return {}
    return {"tooMany": len(classes)} if len(classes) > MOST_CLASSES else {"classes": classes, **matrices}


def _transfer(folder: Path) -> dict[str, Any]:
    whole = _object(folder, "evolution/transfer.json")
    epochs = _names(whole.get("epochs"))
    rows = _rows(whole.get("probabilities"), len(epochs))
    if not rows:
        return {}
    kept = evenly(len(epochs), MOST_EPOCHS)
    return {"epochs": [epochs[k] for k in kept], "transfer": [[rows[i][j] for j in kept] for i in kept]}


def _rows(rows: Any, count: int) -> list[list[int | None]]:
    """A square matrix of `count` rows in thousandths, None for an entry that is no number; empty for other shapes."""
    if not isinstance(rows, list) or len(rows) != count:
        return []
    if not all(isinstance(row, list) and len(row) == count for row in rows):
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
