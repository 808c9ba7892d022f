"""A thread for each tracker, so that a tracker that is slow, fails or hangs does not disturb training."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

PATIENCE = 30.0
"""Seconds that the end of a run waits for the calls that its trackers have not finished."""

HELD = 2**28
"""Bytes of calls that may wait for a tracker; further calls are dropped."""

CALL = 2**10
"""Bytes that a call without images counts as."""

log = logging.getLogger(__name__)


class _Call(NamedTuple):
    what: str
    function: Callable[[], object]
    size: int


class Worker:
    """Makes calls one by one, in their order, in a daemon thread that exists while calls wait.

    Of calls of the same name that fail, only the first is logged. The functions must not use the global random
    generators, as training uses them at the same time.

    Args:
        name: Of the tracker, for messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._calls: deque[_Call] = deque()  # the call in progress stays first until it is done
        self._held = 0  # bytes of them
        self._change = threading.Condition()
        self._failed: set[str] = set()
        self._missed: Counter[str] = Counter()
        self._left = False

    def call(self, what: str, function: Callable[[], object], size: int = CALL) -> None:
        """Add a call to the queue and return at once.

        Args:
            what: Name of the call, for messages.
            function: The call.
            size: Bytes that it holds while it waits.
        """
        with self._change:
            if self._left or (self._calls and self._held + size > HELD):
                self._missed[what] += 1
                return
            call = _Call(what, function, size)
            self._calls.append(call)
            self._held += size
            if len(self._calls) == 1:
                threading.Thread(target=self._work, args=(call,), name=f"featevo-{self.name}", daemon=True).start()

    def now(self, what: str, function: Callable[[], object]) -> None:
        """Call a function at once, in the caller's thread; a failure is logged as in `call`."""
        try:
            function()
        except Exception as error:
            self._note(what, error)

    def _work(self, call: _Call | None) -> None:
        while call is not None:
            try:
                call.function()
            except BaseException as error:  # also SystemExit, which would end the thread before the other calls
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
        """Wait until all calls are made; after the deadline drop them and all later ones, and warn what is missing.

        Args:
            deadline: In seconds of `time.monotonic()`.
        """
        with self._change:
            if not self._change.wait_for(lambda: not self._calls, max(0.0, deadline - time.monotonic())):
                self._left = True
                self._missed.update(call.what for call in self._calls)
                self._calls.clear()
            if self._missed:
                missed = ", ".join(f"{what} ({count} times)" for what, count in self._missed.items())
                log.warning("%s is too slow and did not receive everything: %s; the record has it", self.name, missed)
                self._missed.clear()
