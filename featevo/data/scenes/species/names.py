"""Invented words, one for each number: two syllables that can be read aloud, and back again to the number."""

from __future__ import annotations

from functools import cache

# How many species can be told apart by their first word.
LIMIT = 10_000

_ONSETS = ("b", "br", "d", "dr", "f", "fl", "g", "gl", "k", "kr", "l", "m", "n", "p", "pl", "r", "s", "sk", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u")
# Chosen so that no rude word arises: look at all names again before changing a sound.
_MIDDLES = ("br", "d", "lm", "l", "m", "nd", "r", "rl", "st", "v")
_ENDINGS = ("a", "or", "u", "ax", "el", "an", "ek", "im", "et", "us")
# Neighbours in number should not look alike in name: a step prime to LIMIT visits every word once.
_STEP, _START = 3_701, 5_812


def word(number: int) -> str:
    """The word of a number in 0..LIMIT-1, such as "flormik"; no other number has it."""
    left = (_START + _STEP * number) % LIMIT
    syllables = []
    for sounds in (_ENDINGS, _MIDDLES, _VOWELS, _ONSETS):
        left, place = divmod(left, len(sounds))
        syllables.append(sounds[place])
    return "".join(reversed(syllables))


def number_of(spelled: str) -> int | None:
    """The number whose word this is; nothing for any other text."""
    return _numbers().get(spelled)


@cache
def _numbers() -> dict[str, int]:
    return {word(number): number for number in range(LIMIT)}
