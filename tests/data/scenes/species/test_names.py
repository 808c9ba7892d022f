"""Invented words: one for each number, and the number of each word."""

from __future__ import annotations

import re

from featevo.data.scenes.species.names import LIMIT, number_of, word


def test_every_number_has_its_own_word_that_can_be_read_aloud() -> None:
    words = [word(number) for number in range(LIMIT)]
    assert len(set(words)) == LIMIT >= 2_000
    for spelled in words:
        assert re.fullmatch(r"[b-df-hj-np-tv-z]{1,2}[aeiou][b-df-hj-np-tv-z]{1,2}[aeiou][klmnrstx]?", spelled)


def test_words_of_consecutive_numbers_start_differently() -> None:
    for number in range(50):
        assert len({word(number + step)[:3] for step in range(8)}) == 8


def test_a_word_gives_its_number_and_other_texts_give_none() -> None:
    for number in (0, 1, 999, LIMIT - 1):
        assert number_of(word(number)) == number
    for other in ("", "flamingo", word(3).upper(), word(3) + " "):
        assert number_of(other) is None
