"""`report.html` while training goes on: written again after a snapshot, for a user who reloads the page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from featevo.page.pace import Pace
from featevo.page.report_file import write_page
from featevo.record.schema import INDEX

APART = 20
"""See `featevo.page.pace`: the page takes at most about 5 % of the training's time."""


class Refresh:
    """Writes the page if there is a new snapshot, and not more often than `featevo.page.pace`.

    Args:
        folder: Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown: tuple[int, int] | None = None
        self._pace = Pace(APART)

    def __call__(self) -> None:
        """Write it if it is due; a failure is logged."""
        if not self._pace.is_due:
            return
        recorded = None
        with suppress(OSError):
            status = (self._folder / INDEX).stat()
            recorded = status.st_size, status.st_mtime_ns
        if recorded not in (None, self._shown):
            self._shown = recorded
            with self._pace.timed():
                write_page(self._folder)
