"""Where the configuration tree and the sweeps lie: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_PLACE = _PACKAGE if (_PACKAGE / "conf").is_dir() else _PACKAGE.parent

CONF = _PLACE / "conf"
SWEEPS = _PLACE / "sweeps"
