"""What is made of a finished record: figure, film, table."""

from __future__ import annotations

import logging
from pathlib import Path

from featevo.figures.table import save_markdown
from featevo.record.reading import read_evolution

log = logging.getLogger(__name__)


def draw_summary(folder: Path) -> None:
    """Write `evolution.png`, `.webp` and `.md`; what fails is logged, as the record can be drawn again at any time."""
    # They import matplotlib, which a training needs only at its end.
    from featevo.figures.animation import save_film
    from featevo.figures.evolution import save_evolution

    saves = {
        "evolution.png": save_evolution,
        "evolution.webp": save_film,
        "evolution.md": lambda evolution, path: save_markdown([(evolution.name, evolution)], path),
    }
    for name, save in saves.items():
        try:
            save(read_evolution(folder), folder / name)
        except Exception:
            log.exception("%s could not be drawn; again: python -m featevo.figures %s", folder / name, folder)
