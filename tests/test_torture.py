"""Runs killed at random moments; `make torture` kills more of them."""

import signal

import pytest

from tests.torture import kill, undisturbed

WITHIN = 5.0
"""Seconds in which SIGTERM must end a run."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("whole"))


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(12))
def test_a_run_killed_at_a_random_moment_resumes_to_the_same_end(tmp_path, whole, number):
    run, seconds = whole
    row = kill(tmp_path, run, seconds, number)
    assert row.same
    if row.signal == signal.SIGTERM.name and row.ended is not None:
        assert row.ended < WITHIN
