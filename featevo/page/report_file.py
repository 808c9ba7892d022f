"""The page of one run in its folder, at the end of a run."""

from __future__ import annotations

import logging
from pathlib import Path

from featevo.page.page import write_report
from featevo.record.files import log_failure
from featevo.record.schema import INDEX

log = logging.getLogger(__name__)


def write_page(folder: Path) -> None:
    """Write `report.html` if there are snapshots. A failure is logged, as the page can be written later."""
    if not (folder / INDEX).is_file():
        return
    try:
        write_report([folder])
    except Exception as error:
        again = f"try again: python -m featevo.report {folder}"
        log_failure(log, f"The page of {folder} could not be written; {again}", error)
