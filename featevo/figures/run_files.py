"""The files of a finished record: figure, film, table."""

from __future__ import annotations

import logging
from pathlib import Path

from featevo.figures.table import save_markdown
from featevo.record.files import log_failure
from featevo.record.reading import Evolution, read_evolution

log = logging.getLogger(__name__)


def draw_summary(folder: Path) -> None:
    """Write `evolution.png`, `.webp` and `.md`; a failure is logged, as the record can be drawn again at any time."""
    for name in ("evolution.png", "evolution.webp", "evolution.md"):
        try:
            _save(read_evolution(folder), folder / name)
        except Exception as error:
            again = f"again: python -m featevo.figures {folder}"
            log_failure(log, f"{folder / name} could not be drawn; {again}", error)


def _save(evolution: Evolution, path: Path) -> None:
    # Figure and film import matplotlib, which training needs only at its end.
    if path.suffix == ".png":
        from featevo.figures.evolution import save_evolution

        save_evolution(evolution, path)
    elif path.suffix == ".webp":
        from featevo.figures.film import save_film

        save_film(evolution, path)
    else:
        save_markdown([(evolution.name, evolution)], path)
