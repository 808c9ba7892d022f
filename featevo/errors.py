"""A mistake of the user as an exception, and the exit codes of all commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


class UserError(Exception):
    """A mistake in the input: what is wrong, where, and what is allowed, in one line.

    Commands print it without a traceback and exit with code 2. Newlines, as in the name of a file, are shown as
    spaces, other characters that cannot be printed as `?`.
    """

    def __str__(self) -> str:
        shown = (letter if letter.isprintable() else " " if letter.isspace() else "?" for letter in super().__str__())
        return "".join(shown)


DONE, FAILED, MISTAKE = 0, 1, 2
"""Exit codes: done; the run failed or was interrupted; a mistake in the command."""

TERMINATED = 128 + 15
"""Exit code of a process that SIGTERM ended, as shells report it."""


def ended(command: Callable[[], object]) -> int:
    """Run a command that is no Hydra application; returns its exit code, with one line for a mistake.

    It ends without a word when nobody reads its output any more, as in `featevo workspace --json | head`.
    """
    try:
        command()
        sys.stdout.flush()  # here: at the end of the interpreter, an error would be a traceback
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return MISTAKE
    except BrokenPipeError:
        if is_read():
            raise
        return FAILED
    return DONE


def is_read() -> bool:
    """Whether the output still has a reader; if not (`| head`), the rest of it is discarded."""
    try:
        print(flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
