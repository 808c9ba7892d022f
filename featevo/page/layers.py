"""How the layers of a run settle: their similarity to the end of training, from `evolution/layers.json`."""

from __future__ import annotations

import logging
from typing import Any

from featevo.errors import UserError
from featevo.page.matrices import MOST_EPOCHS
from featevo.record.reading import LAYERS, Evolution, evenly
from featevo.record.safe import read_json
from featevo.record.schema import is_number

log = logging.getLogger(__name__)

MOST_LAYERS = 48
"""Rows of the table."""


def layers_of(evolution: Evolution) -> dict[str, Any]:
    """The similarities of a run's layers, in thousandths.

    Returns:
        `layers`, their names; `epochs`, labels of at most `MOST_EPOCHS` snapshots; `toEnd`, for each layer a list with
        its similarity at each of these to the last one, None where there is none. Empty where the record has no such
        numbers or they are not usable.
    """
    whole = _read(evolution)
    layers, folders, rows = (whole.get(key) for key in ("layers", "folders", "to_end"))
    if not isinstance(layers, list) or not isinstance(folders, list) or not isinstance(rows, list):
        return {}
    shapes = [len(row) if isinstance(row, list) else -1 for row in rows]
    if not layers or not folders or shapes != [len(folders)] * len(layers):
        return {}
    label = {each.folder: name for each, name in zip(evolution.snapshots, evolution.labels(), strict=True)}
    known = [place for place, folder in enumerate(folders) if isinstance(folder, str) and folder in label]
    if not known:
        return {}
    kept = [known[place] for place in evenly(len(known), MOST_EPOCHS)]
    shown = evenly(len(layers), MOST_LAYERS)
    return {
        "layers": [str(layers[place]) for place in shown],
        "epochs": [label[folders[place]] for place in kept],
        "toEnd": [[_thousandths(rows[row][place]) for place in kept] for row in shown],
    }


def _thousandths(value: Any) -> int | None:
    return round(1000 * value) if is_number(value) and 0 <= value <= 1 else None


def _read(evolution: Evolution) -> dict[str, Any]:
    try:
        whole = read_json(evolution.folder, LAYERS)
        return whole if isinstance(whole, dict) else {}
    except UserError as error:
        log.warning("Layers left out: %s", error)
    except (OSError, ValueError):
        pass
    return {}
