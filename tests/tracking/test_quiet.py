"""Messages of Lightning about devices are hidden, its warnings and debug messages are not."""

import logging

import pytest

from featevo.tracking.quiet import NAMES, quiet_lightning


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("level", "within"), [(logging.INFO, logging.WARNING), (logging.DEBUG, logging.DEBUG)])
def test_levels_are_restored_also_after_an_error(name, level, within, monkeypatch):
    logger = logging.getLogger(name)
    monkeypatch.setattr(logger, "level", level)
    with quiet_lightning():
        assert logger.level == within
    assert logger.level == level
    with pytest.raises(KeyError), quiet_lightning():
        raise KeyError
    assert logger.level == level
