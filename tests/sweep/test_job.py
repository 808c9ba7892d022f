"""One job of a multirun: the error of a process that ended by itself."""

import pytest

from featevo.sweep.job import last_exception

CHAINED = """Traceback (most recent call last):
  File "a.py", line 1, in f
    x
KeyError: 'first'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 2, in f
    y
broken.Stop: the second
and its second line
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("a warning\nanother\n", None),
        (CHAINED, "broken.Stop: the second"),
        (CHAINED + "a message after it\n", "broken.Stop: the second"),
        ("Error: data.root=x: not there\n", "data.root=x: not there"),
        ("Traceback (most recent call last):\n  File", None),
    ],
)
def test_the_last_exception_of_a_process(text, found):
    assert last_exception(text.splitlines(keepends=True)) == found
