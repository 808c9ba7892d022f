"""The files of a finished record: figure, film, table."""

from __future__ import annotations

import logging
from pathlib import Path

from featevo.figures.table import save_markdown
from featevo.record.reading import Evolution, read_evolution

log = logging.getLogger(__name__)


def draw_summary(folder: Path) -> None:
    """Write `evolution.png`, `.webp` and `.md`; a failure is logged, as the record can be drawn again at any time."""
    for name, save in (("evolution.png", _figure), ("evolution.webp", _film), ("evolution.md", _table)):
        try:
            save(read_evolution(folder), folder / name)
        except Exception:
            log.exception("%s could not be drawn; again: python -m featevo.figures %s", folder / name, folder)


# The first two import matplotlib, which training needs only at its end.
def _figure(evolution: Evolution, path: Path) -> None:
    from featevo.figures.evolution import save_evolution

    save_evolution(evolution, path)


def _film(evolution: Evolution, path: Path) -> None:
    from featevo.figures.film import save_film

    save_film(evolution, path)


def _table(evolution: Evolution, path: Path) -> None:
    save_markdown([(evolution.name, evolution)], path)
