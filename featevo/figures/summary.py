"""What is made of a finished record: figure, animation, table."""

from __future__ import annotations

import logging
from pathlib import Path

from featevo.figures.evolution import save_figure
from featevo.figures.film import save_animation
from featevo.figures.table import save_table

log = logging.getLogger(__name__)


def draw_summary(folder: Path) -> None:
    """Write `evolution.png`, `.webp` and `.md`; what fails is logged, as the record can be drawn again at any time."""
    for save in (save_figure, save_animation, save_table):
        try:
            save(folder)
        except Exception:
            log.exception("%s failed for %s", save.__name__, folder)
