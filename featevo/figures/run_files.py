"""The files of a finished record: figure, film, table, and a figure of each other view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from featevo.errors import UserError
from featevo.figures.table import save_markdown
from featevo.record.files import log_failure
from featevo.record.reading import Evolution, read_evolution
from featevo.record.units import other_views

log = logging.getLogger(__name__)


def draw_summary(folder: Path) -> None:
    """Write `evolution.png`, `.webp` and `.md`, and a figure of each other view, such as `channels.png`.

    A failure is logged, as the record can be drawn again at any time.
    """
    try:
        evolution = read_evolution(folder)
    except UserError as error:
        log_failure(log, f"{folder} could not be drawn; {_again(folder)}", error)
        return
    for name in ("evolution.png", "evolution.webp", "evolution.md"):
        _try(evolution, str(folder / name), partial(_save, name))
    for view in other_views(evolution):
        _try(evolution, f"{folder}: the figure of {view!r}", partial(_save_view, view))


def _try(evolution: Evolution, what: str, save: Callable[[Evolution], object]) -> None:
    try:
        save(evolution)
    except Exception as error:
        log_failure(log, f"{what} could not be drawn; {_again(evolution.folder)}", error)


def _again(folder: Path) -> str:
    return f"again: python -m featevo.figures {folder}"


def _save(name: str, evolution: Evolution) -> None:
    # Figure and film import matplotlib, which training needs only at its end.
    path = evolution.folder / name
    if path.suffix == ".png":
        from featevo.figures.evolution import save_evolution

        save_evolution(evolution, path, real=bool(evolution.real))
    elif path.suffix == ".webp":
        from featevo.figures.film import save_film

        save_film(evolution, path, real=bool(evolution.real))
    else:
        save_markdown([(evolution.name, evolution)], path)


def _save_view(view: str, evolution: Evolution) -> None:
    from featevo.figures.view_rows import save_view, stem_of

    save_view(evolution, view, evolution.folder / f"{stem_of(view)}.png")
