"""The certificate of featevo's own callback."""

import logging

import pytest

from featevo.silent.own import certify_own


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:The number of training batches")
def test_our_callback_is_silent_while_it_draws(caplog):
    with caplog.at_level(logging.INFO, "featevo"):
        certificate = certify_own()
    assert str(certificate) == "silent: 24 steps, 33 tensors, 3 random streams: equal bit for bit"
    drawn = [line for line in caplog.messages if line.lstrip().startswith("epoch")]
    assert len(drawn) == 4, caplog.messages
