"""The page as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.page.gather import Gathered, gather
from featevo.page.page import page
from featevo.record.files import write_text
from featevo.record.find import may_write


def write_report(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write one HTML page that needs no network: all runs beside each other, moved through training by one slider.

    Args:
        folders: run folders and sweep folders, shown in this order, and a study's; those without a record are named
            on the page.
        out: the page; by default `report.html` in the folder given, or in the nearest one that holds all of them.

    Returns:
        The path of the page.

    Raises:
        UserError: no folder holds a record, the page cannot be written there, or `out` must be given: see
            `featevo.record.find.may_write`.
    """
    return write_gathered(gather(folders), folders, out)


def write_gathered(gathered: Gathered, folders: Sequence[Path], out: Path | None) -> Path:
    """The same of what is already read."""
    out = out or may_write(gathered.home, folders) / "report.html"
    try:
        write_text(out, page(gathered))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); --out takes the path of a file") from error
    return out
