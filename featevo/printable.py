"""Text from anywhere on one line."""

from __future__ import annotations


def printable(text: str, instead: str = " ") -> str:
    """Any text on one line, without characters that a terminal interprets, fonts cannot show or SVG does not allow.

    Args:
        text: Any text, such as the name of a file.
        instead: Takes the place of each such character.
    """
    return "".join(letter if letter.isprintable() else instead for letter in text)
