"""A command whose output nobody reads any more, as before `| head`, ends without a word."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize(
    "words",
    [
        ["featevo"],
        ["featevo", "study", "--plan"],
        ["featevo.workspace", "RUN", "--json"],
        ["featevo.report", "RUN"],
        ["featevo.figures", "RUN", "--format", "md"],
        ["featevo.record", "check", "RUN"],
        ["featevo.train", "--cfg", "job"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "at once"])
def test_a_closed_pipe_is_no_error(make_run, words, unbuffered):
    run = str(make_run())
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", *(run if word == "RUN" else word for word in words)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        timeout=300,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
