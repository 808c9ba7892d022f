"""A thread for each tracker, so that neither a slow nor a failing nor a hanging one is felt in training."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

PATIENCE = 30.0
"""Seconds that the end of a run waits for what its trackers have not taken yet."""

HELD = 2**28
"""Bytes of calls that may wait for a tracker; what comes on top of them it does not hear."""

CALL = 2**10
"""Bytes that a call without pictures counts as."""

log = logging.getLogger(__name__)


class _Call(NamedTuple):
    what: str
    function: Callable[[], object]
    size: int


class Worker:
    """Makes calls one after the other, in the order in which they came, in a daemon thread that lives while any wait.

    Of calls of the same name that fail, the first is logged. The functions must leave the global random generators
    alone: training draws from them at the same time.

    Args:
        name: Of the tracker, for messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._calls: deque[_Call] = deque()  # the one being made stays first until it is done
        self._held = 0  # bytes of them
        self._change = threading.Condition()
        self._failed: set[str] = set()
        self._unheard: Counter[str] = Counter()
        self._left = False

    def call(self, what: str, function: Callable[[], object], size: int = CALL) -> None:
        """Have a function called soon; this returns at once.

        Args:
            what: Name of the call, for messages.
            function: The call.
            size: Bytes that it holds while it waits.
        """
        with self._change:
            if self._left or (self._calls and self._held + size > HELD):
                self._unheard[what] += 1
                return
            call = _Call(what, function, size)
            self._calls.append(call)
            self._held += size
            if len(self._calls) == 1:
                threading.Thread(target=self._work, args=(call,), name=f"featevo-{self.name}", daemon=True).start()

    def now(self, what: str, function: Callable[[], object]) -> None:
        """Call a function at once, in the caller's thread, with the same care for failures."""
        try:
            function()
        except Exception as error:
            self._note(what, error)

    def _work(self, call: _Call | None) -> None:
        while call is not None:
            try:
                call.function()
            except BaseException as error:  # SystemExit, too, would leave the thread's calls to nobody
                self._note(call.what, error)
            with self._change:
                if self._left:
                    return
                self._held -= self._calls.popleft().size
                call = self._calls[0] if self._calls else None
                self._change.notify_all()

    def _note(self, what: str, error: BaseException) -> None:
        if what not in self._failed:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            log.error("%s.%s failed (%s); training goes on, the record has everything", self.name, what, reason)
            log.debug("%s.%s", self.name, what, exc_info=True)
        self._failed.add(what)

    def drain(self, deadline: float) -> None:
        """Wait until all calls are made, or leave the tracker for good, and say what it did not hear.

        Args:
            deadline: Until when to wait, in `time.monotonic()`'s seconds.
        """
        with self._change:
            if not self._change.wait_for(lambda: not self._calls, max(0.0, deadline - time.monotonic())):
                self._left = True
                self._unheard.update(call.what for call in self._calls)
                self._calls.clear()
            if self._unheard:
                unheard = ", ".join(f"{what} ({count} times)" for what, count in self._unheard.items())
                log.warning("%s is too slow and did not hear everything: %s; the record has it", self.name, unheard)
                self._unheard.clear()


def drain_all(workers: Sequence[Worker], patience: float = PATIENCE) -> None:
    """Wait for several workers, but no longer than `patience` seconds for all of them together."""
    deadline = time.monotonic() + patience
    for worker in workers:
        worker.drain(deadline)
