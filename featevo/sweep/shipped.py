"""`--config-dir sweeps` outside a checkout: the sweeps that come with featevo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from featevo.app.paths import SWEEPS

OPTIONS = ("--config-dir", "-cd")
"""Names of Hydra's option for a further folder of configurations."""


def with_shipped_sweeps(words: Sequence[str]) -> list[str]:
    """The same arguments; `--config-dir sweeps` names the sweeps of featevo if the working folder has no `sweeps`.

    It prints a line to standard error then. Other folders, also missing ones, are left to Hydra.
    """
    if Path(SWEEPS.name).exists():
        return list(words)
    changed = list(words)
    for place, word in enumerate(words):
        option, joined, value = word.partition("=")
        follows = place > 0 and words[place - 1] in OPTIONS
        if (follows and word == SWEEPS.name) or (joined and option in OPTIONS and value == SWEEPS.name):
            changed[place] = f"{option}={SWEEPS}" if joined else str(SWEEPS)
    if changed != list(words):
        print(f"There is no folder {SWEEPS.name} here; taken: {SWEEPS}", file=sys.stderr)
    return changed
