"""The page of runs that go on: made again when their files have changed. Only their records are read."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.page.gather import gather
from featevo.page.pace import Pace
from featevo.page.page import page, waiting_page
from featevo.page.study_section import PLACES
from featevo.record.files import log_failure
from featevo.record.find import candidates
from featevo.record.jobs import status_of
from featevo.record.reading import CONTROLS, LAYERS, TRANSFER, read_run
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE

FILES = (INDEX, "run.json", "metrics.csv", CONTROLS, LAYERS, TRANSFER)
"""Of a run: what its page shows changes only with one of these; images are written before their line of the index."""

APART = 4
"""See `featevo.page.pace`: who looks at the page waits for it, so it may take up to a fifth of a core."""

log = logging.getLogger(__name__)


class LivePage:
    """The page of some runs, also before they have a snapshot. Threads may share it.

    Args:
        folders: Of runs and sweeps, which may be empty yet.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = list(folders)
        self._version = self._text = ""
        self._pace = Pace(APART)
        self._lock = threading.Lock()

    def now(self) -> tuple[str, str]:
        """The version and the HTML of the page; a version is equal while the files of the runs are.

        A page that takes long to make is renewed less often, see `featevo.page.pace`. If a record cannot be read, the
        page states the reason.
        """
        with self._lock:
            version = self._version_of_files()
            if version != self._version and self._pace.is_due:
                with self._pace.timed():
                    self._text = self._made(version)
                self._version = version
            return self._version, self._text

    def _made(self, version: str) -> str:
        try:
            return page(gather(self._folders), version)
        except UserError as error:
            return waiting_page(str(error), version)
        except Exception as error:  # the next version may be in order
            log_failure(log, "The page could not be made", error)
            return waiting_page(" ".join(f"the page could not be made ({error})".split()), version)

    def _version_of_files(self) -> str:
        # Before they are read: what changes meanwhile is in the next version.
        return hashlib.sha256("\n".join(self._states()).encode(errors="surrogateescape")).hexdigest()[:16]

    def _states(self) -> Iterator[str]:
        """What changes with the files of the runs, and with the process of a run that is killed."""
        for folder in self._folders:
            for place in (FILE, *PLACES):
                yield _state(folder / place)
            try:
                for job, run, problem in candidates(folder):
                    yield f"{run} {job} {problem} {status_of(read_run(run))}"
                    for name in FILES:
                        yield _state(run / name)
            except (UserError, OSError) as error:
                yield str(error)


def _state(path: Path) -> str:
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        return type(error).__name__
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"
