"""Any text stays text in Markdown; plain words stay as they are."""

import pytest

from featevo.record.markdown import in_markdown


@pytest.mark.parametrize("text", ["tree frog", "init=random, 64 %", "epoch_12", "a-b.c (d): e/f; g?", "früh 蛙"])
def test_plain_words_are_unchanged(text):
    assert in_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>x</script>", r"\<script>x\</script>"),
        ("[a](javascript:x)", r"\[a](javascript:x)"),
        ("![a](http://x)", r"!\[a](http://x)"),
        ("**a** _b_ __c__ `d` ~~e~~", r"\*\*a\*\* \_b\_ \_\_c\_\_ \`d\` \~\~e\~\~"),
        ("a|b\\|c", r"a\|b\\\|c"),
        ("&lt; $x$ #", r"\&lt; \$x\$ \#"),
        (" a\n\n# b\u2028\x00c\udcff", r"a \# b c"),
    ],
)
def test_markup_is_escaped(text, expected):
    assert in_markdown(text) == expected
