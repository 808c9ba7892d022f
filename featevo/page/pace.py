"""How often a page may be made again while its runs go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Limits the share of the time that a repeated piece of work takes.

    Args:
        apart: Times its own last duration that must pass before the work is done again; 20: it takes at most about 5 %
            of the time.
    """

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the work may be done now."""
        return time.monotonic() >= self._next

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Do the work within; also after an error, its duration counts."""
        began = time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            self._next = ended + self._apart * (ended - began)
