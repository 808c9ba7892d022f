"""Where a command's messages go on the terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO


class ConsoleHandler(logging.StreamHandler):
    """Writes to what standard output is at the moment: while Rich shows a bar, that puts lines above it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        """Standard output."""
        return sys.stdout
