"""Text from anywhere on one line."""

import sys
import unicodedata

from featevo.printable import printable

CONTROL = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of control and format characters, surrogates, and separators of lines and paragraphs."""


def test_no_control_character_of_unicode_is_left():
    every = "".join(chr(code) for code in range(sys.maxunicode + 1))
    left = printable(every, "")
    assert {unicodedata.category(letter) for letter in left}.isdisjoint(CONTROL)
    assert len(left) > 100_000


def test_words_of_any_language_stay():
    assert printable("tree frog 蛙 Frösche 50 %") == "tree frog 蛙 Frösche 50 %"


def test_each_character_is_replaced_by_itself():
    assert printable("a\n\x1b[31mb\u202ec") == "a  [31mb c"
    assert printable("a\n\nb", "?") == "a??b"
