"""How a command ends: one clear line and exit code 2 for the user's mistake, a traceback and 1 for a failed run."""

from __future__ import annotations

import difflib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf.errors import OmegaConfBaseException

from featevo.errors import UserError

DONE, FAILED, MISTAKE = 0, 1, 2


def run_hydra_command(main: Callable[[], None]) -> int:
    """Run a `hydra.main` function and turn what it raises into an exit code.

    Hydra prints its own errors over several lines and exits with 1 for all; asked for full errors it raises them.
    With `HYDRA_FULL_ERROR=1` in the environment, mistakes show their traceback, too.
    """
    wants_tracebacks = os.environ.get("HYDRA_FULL_ERROR", "0") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        main()
    except (UserError, HydraException, OmegaConfBaseException) as error:
        if wants_tracebacks:
            traceback.print_exc()
        print(f"Error: {explain(error)}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return FAILED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED if end.code else DONE
    except Exception:
        traceback.print_exc()
        return FAILED
    return DONE


@contextmanager
def mistakes_end_the_run() -> Iterator[None]:
    """Within a Hydra job: a single run ends with one line and exit code 2; a multirun goes on with its other jobs."""
    try:
        yield
    except UserError as error:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            raise
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(MISTAKE) from error


def explain(error: BaseException) -> str:
    """One line about what is wrong and, for a name that does not exist, the names that do."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UserError):
            return str(cause)
        if isinstance(cause, OmegaConfBaseException):
            return _explain_key(cause)
        cause = cause.__cause__
    return " ".join(str(error).partition("Config search path")[0].split())


def _explain_key(error: OmegaConfBaseException) -> str:
    message = (error.msg or str(error)).split("\n")[0]
    parent = error.parent_node
    names = [str(name) for name in parent if name != "hydra"] if parent is not None and hasattr(parent, "keys") else []
    if error.key is not None and names and str(error.key) not in names:
        section = str(error.full_key or error.key).rpartition(".")[0]
        where = f" in {section}" if section else ""
        near = difflib.get_close_matches(str(error.key), names, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"{error.full_key}: there is no such key{where}{hint}; there are {', '.join(names)}"
    return f"{error.full_key}: {message}" if error.full_key else message
