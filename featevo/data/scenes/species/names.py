"""Invented words: each number has one word of two pronounceable syllables, each such word has one number."""

from __future__ import annotations

from functools import cache

# The number of different first words, and so of species.
LIMIT = 10_000

_ONSETS = ("b", "br", "d", "dr", "f", "fl", "g", "gl", "k", "kr", "l", "m", "n", "p", "pl", "r", "s", "sk", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u")
# These sounds give no offensive word: check all names again before you change one.
_MIDDLES = ("br", "d", "lm", "l", "m", "nd", "r", "rl", "st", "v")
_ENDINGS = ("a", "or", "u", "ax", "el", "an", "ek", "im", "et", "us")
# A large step, so that consecutive numbers have different words; coprime to LIMIT, so that each word occurs once.
_STEP, _START = 3_701, 5_812


def word(number: int) -> str:
    """The word of a number in 0..LIMIT-1, such as "flormik"; each number has a different one."""
    left = (_START + _STEP * number) % LIMIT
    syllables = []
    for sounds in (_ENDINGS, _MIDDLES, _VOWELS, _ONSETS):
        left, place = divmod(left, len(sounds))
        syllables.append(sounds[place])
    return "".join(reversed(syllables))


def number_of(spelled: str) -> int | None:
    """The number of this word; None for any other text."""
    return _numbers().get(spelled)


@cache
def _numbers() -> dict[str, int]:
    return {word(number): number for number in range(LIMIT)}
