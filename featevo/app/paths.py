"""Where the configuration tree lies: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "conf"

CONF = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "conf"
