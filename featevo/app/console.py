"""Logging to the terminal, and to a file that may be on a full disk."""

from __future__ import annotations

import logging
import sys
from typing import TextIO


class ConsoleHandler(logging.StreamHandler):
    """Writes to the present standard output: while Rich shows a bar, it places lines above the bar."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        """Standard output."""
        return sys.stdout


class LogFile(logging.FileHandler):
    """Writes what the disk has room for."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing of a full disk: Python would print a traceback for each message."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)
