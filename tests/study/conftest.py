"""The committed records, for the modules that say in `RESULTS` beside which results they are."""

import pytest

from tests.study.published import unpack


@pytest.fixture(scope="module")
def records(request, tmp_path_factory):
    """The folder of the unpacked records."""
    return unpack(request.module.RESULTS, tmp_path_factory.mktemp("records"))
