"""Runs killed at random moments; `make torture` kills more of them."""

import signal

import pytest

from tests.same_record import assert_same_record
from tests.torture import kill, undisturbed

WITHIN = 5.0
"""Seconds in which SIGTERM must end a run."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("whole"))


@pytest.mark.heavy
def test_the_same_command_twice_gives_the_same_bytes(whole):
    """Of all images and weights; other files have times in them."""
    second, _ = whole
    first = second.parent.parent / "first" / "run"
    assert_same_record(first, second)
    files = [path for kind in ("*.png", "*.safetensors", "*.webp") for path in first.rglob(kind)]
    assert len(files) > 12
    for path in files:
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(12))
def test_a_run_killed_at_a_random_moment_resumes_to_the_same_end(tmp_path, whole, number):
    run, seconds = whole
    row = kill(tmp_path, run, seconds, number)
    assert row.same
    if row.signal == signal.SIGTERM.name and row.ended is not None:
        assert row.ended < WITHIN
