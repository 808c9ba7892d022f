"""`python -m featevo.silent [MAKE_TRAINER CALLBACK] [--seed N]`: whether a callback leaves training unchanged."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from featevo.errors import DONE, FAILED, MISTAKE, UserError, ended

if TYPE_CHECKING:
    from featevo.silent import Certificate

EXAMPLES = """
MAKE_TRAINER names a function from a list of callbacks to (trainer, module, ...): a new trainer with these callbacks and
the arguments of its fit. CALLBACK names a callback, or a class or function that makes one. Both are code that is run.

examples:
  python -m featevo.silent
  python -m featevo.silent my_project.py:make_trainer my_callbacks.py:MyCallback
  python -m featevo.silent my_package.training:make_trainer my_package.callbacks:MyCallback --seed 3
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 silent, 1 not silent, 2 a mistake, or trainings that differ anyway."""
    parser = argparse.ArgumentParser(
        prog="python -m featevo.silent",
        description="Whether a Lightning callback leaves training bit for bit unchanged; without names, featevo's own.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="FILE.py:NAME", help="MAKE_TRAINER and CALLBACK")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the trainings (default: 0)")
    options = parser.parse_args(arguments)
    found: Certificate | None = None

    def certify() -> None:
        nonlocal found
        if len(options.names) not in (0, 2):
            raise UserError("name both MAKE_TRAINER and CALLBACK, or neither")
        found = _certificate(options.names, options.seed)
        print(found)

    code = ended(certify)
    if found is None:
        return code
    return DONE if found else FAILED if found.is_repeatable else MISTAKE


def _certificate(names: Sequence[str], seed: int) -> Certificate:
    # Here, as help needs none of it.
    from featevo.silent.named import described, named
    from featevo.silent.own import certify_own
    from featevo.silent.twins import UnusableError, silent
    from featevo.tracking.quiet import quiet_lightning

    objects = [named(name) for name in names]  # first, as the import of `lightning` sets the level of its messages
    with quiet_lightning():
        warnings.filterwarnings("ignore", ".*does not have many workers|.*smaller than the logging interval")
        try:
            return silent(*objects, seed=seed) if objects else certify_own(seed)
        except UnusableError as error:
            raise UserError(str(error)) from error
        except Exception as error:
            raise UserError(f"a training ended by {described(error)}") from error
