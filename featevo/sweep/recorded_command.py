"""The command of a sweep as `sweep.json` has it, which may be somebody else's: what of it needs the user's own word."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from featevo.app.paths import CONF
from featevo.printable import printable


def to_repeat(command: Sequence[str]) -> list[str]:
    """The words of a recorded command that need the user's own: all but --multirun, choices of conf/, plain values."""
    needed = []
    value = False  # whether the word before is an option whose value this one may be
    for word in command:
        is_option = word.startswith("-") and word not in ("--multirun", "-m")
        if is_option or value or not (word.startswith("-") or _is_plain(word)):
            needed.append(word)
        value = is_option and "=" not in word
    return needed


def _is_plain(word: str) -> bool:
    # No options (--config-dir; --experimental-rerun unpickles), no keys of Hydra's (they name classes, programs and
    # variables of the environment), no other places to write to.
    match = re.fullmatch(r"(?:\+\+?|~)?((?!hydra\b)[A-Za-z]\w*(?:\.\w+)*)(=.*)?", word, re.DOTALL | re.ASCII)
    if match is None or match[1].endswith(("_dir", "_uri")) or not (match[2] or word.startswith("~")):
        return False
    value = (match[2] or "=")[1:]
    if match[1] in {group.name for group in CONF.iterdir() if group.is_dir()}:  # other paths could be files anywhere
        return re.fullmatch(r"(?:[\w, *()\[\]-]|\b/\b)*", value, re.ASCII) is not None  # study/two: a folder of conf/
    # Interpolations and escapes could make a `_target_` of other text.
    return not any(sign in word for sign in ("_target_", "$", "\\"))


def printed(words: Sequence[str]) -> str:
    """Words as a shell takes them, in one line."""
    return printable(shlex.join(words), "?")
