"""A mistake of the user as an exception, and the exit codes of all commands."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the input: what is wrong, where, and what is allowed, in one line.

    Commands print it without a traceback and exit with code 2.
    """


DONE, FAILED, MISTAKE = 0, 1, 2
"""Exit codes: done; the run failed or was interrupted; a mistake in the command."""

TERMINATED = 128 + 15
"""Exit code of a process that SIGTERM ended, as shells report it."""
