"""Any text in Markdown, such as a run's name: it stays text, on one line."""

from __future__ import annotations

import re

from featevo.printable import printable

# An underscore within a word is no emphasis. Without "<" and "[", their counterparts mean nothing.
_SPECIAL = re.compile(r"[\\`*\[<|&~$#]|(?<![^\W_])_|_(?![^\W_])")


def in_markdown(text: str) -> str:
    """The text with everything escaped that Markdown or HTML would read as markup; also for cells of tables."""
    line = " ".join(printable(text).split())
    return _SPECIAL.sub(r"\\\g<0>", line)
