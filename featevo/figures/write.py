"""Which figures there are, and what writes each: by the ending of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.figures.accuracy import save_accuracy
from featevo.figures.animation import FILMS, save_film
from featevo.figures.comparison import save_comparison
from featevo.figures.evolution import save_evolution
from featevo.figures.latex import save_latex
from featevo.figures.sheet import SHEETS
from featevo.figures.table import save_markdown
from featevo.record.find import Found

TABLES = {"md": save_markdown, "tex": save_latex}

FORMATS = (*SHEETS, *FILMS, *TABLES)
"""Figures, films, tables."""


def write_figures(given: Found, formats: Sequence[str], folder: Path, dpi: int) -> Iterator[Path]:
    """Write everything of some formats: a run's evolution and accuracy, film, table; or the comparison of several runs.

    Args:
        given: the runs.
        formats: of `FORMATS`.
        folder: where the files go; it is made where there is none.
        dpi: dots per inch of figures.

    Yields:
        Each file, as soon as it is written.

    Raises:
        UserError: a film of several runs is asked for, or of none; a file cannot be written.
    """
    films = [name for name in formats if name in FILMS]
    if given.compared and films:
        allowed = ", ".join(name for name in FORMATS if name not in FILMS)
        raise UserError(f"{films[0]}: a film shows one run, and these are {len(given.runs)}; they take {allowed}")
    stem = "comparison" if given.compared else "evolution"
    for name in formats:
        path = folder / f"{stem}.{name}"
        if name in TABLES:
            yield _written(lambda path: TABLES[path.suffix[1:]](given.runs, path), path)
        elif given.compared:
            yield _written(lambda path: save_comparison(given.title, given.runs, path, dpi), path)
        elif name in FILMS:
            yield _written(lambda path: save_film(given.runs[0][1], path), path)
        else:
            yield _written(lambda path: save_evolution(given.runs[0][1], path, dpi), path)
            yield _written(lambda path: save_accuracy(given.runs[0][1], path, dpi), folder / f"accuracy.{name}")


def _written(save: Callable[[Path], Path], path: Path) -> Path:
    try:
        return save(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); --out takes a folder") from error
