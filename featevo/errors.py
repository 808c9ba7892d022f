"""The one exception that means: the user can mend this, and the message says how."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the input: what is wrong, where, and what is allowed, in one line.

    Commands print it without a traceback and exit with code 2.
    """


class MultirunError(UserError):
    """A mistake that every job of a multirun would repeat: it ends the multirun."""
