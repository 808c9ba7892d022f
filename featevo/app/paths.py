"""Where the configuration tree lies: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_INSTALLED = _PACKAGE / "conf"

CONF = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "conf"
