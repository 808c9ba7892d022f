"""The formats of figures, and the functions that write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from featevo.errors import UserError
from featevo.figures.accuracy import save_accuracy
from featevo.figures.class_rows import save_classes
from featevo.figures.comparison import save_comparison
from featevo.figures.evolution import save_evolution
from featevo.figures.film import FILMS, save_film
from featevo.figures.latex import save_latex
from featevo.figures.sheet import SHEETS
from featevo.figures.table import save_markdown
from featevo.figures.view_rows import save_view, stem_of
from featevo.record.find import Found
from featevo.record.units import other_views

TABLES = {"md": save_markdown, "tex": save_latex}

FORMATS = (*SHEETS, *FILMS, *TABLES)
"""Figures, films, tables."""


def write_figures(
    given: Found, formats: Sequence[str], folder: Path, dpi: int, real: bool | None = None
) -> Iterator[Path]:
    """Write files in some formats: a run's evolution, accuracy and other views, film, table; or several runs compared.

    Args:
        given: The runs.
        formats: Of `FORMATS`.
        folder: For the files; it is created if it does not exist.
        dpi: Dots per inch of figures.
        real: Whether evolution, comparison, classes and film also show real images; None: if any are recorded.

    Yields:
        Each file, as soon as it is written.

    Raises:
        UserError: A film of several runs or of a run without snapshots is requested, or real images where none are
            recorded, or a file cannot be written.
    """
    films = [name for name in formats if name in FILMS]
    if given.compared and films:
        allowed = ", ".join(name for name in FORMATS if name not in FILMS)
        raise UserError(f"{films[0]}: a film shows one run, and these are {len(given.runs)}; they take {allowed}")
    recorded = any(evolution.real for evolution in given.evolutions)
    real = recorded if real is None else real
    if real and not recorded:
        raise UserError(f"--real: {given.title}: no real images are recorded in evolution/real; older runs have none")
    evolution = given.evolutions[0]
    for name in formats:
        path = folder / f"{'comparison' if given.compared else 'evolution'}.{name}"
        if name in TABLES:
            yield _written(partial(TABLES[name], given.runs), path)
        elif given.compared:
            yield _written(partial(save_comparison, given.title, given.runs, dpi=dpi, real=real), path)
            if len(given.runs) > 1:
                save = partial(save_classes, given.title, given.runs, dpi=dpi, real=real)
                yield _written(save, folder / f"classes.{name}")
        elif name in FILMS:
            yield _written(partial(save_film, evolution, real=real), path)
        else:
            yield _written(partial(save_evolution, evolution, dpi=dpi, real=real), path)
            yield _written(partial(save_accuracy, evolution, dpi=dpi), folder / f"accuracy.{name}")
            for view in other_views(evolution):
                yield _written(partial(save_view, evolution, view, dpi=dpi), folder / f"{stem_of(view)}.{name}")


def _written(save: Callable[[Path], Path], path: Path) -> Path:
    try:
        return save(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}); --out takes a folder") from error
