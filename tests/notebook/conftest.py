"""A sweep of two runs, with a job that never ran; and the Chromium of the page's tests."""

import json

import pytest

from tests.page.conftest import browser as browser


@pytest.fixture
def sweep(make_run, tmp_path):
    make_run("study/0-seed-0")
    make_run("study/1-seed-1", accuracies=(0.5, 0.99))
    jobs = [{"overrides": [f"seed={number}"]} for number in range(3)]
    (tmp_path / "study" / "sweep.json").write_text(json.dumps({"command": [], "started": "", "jobs": jobs}))
    return tmp_path / "study"
