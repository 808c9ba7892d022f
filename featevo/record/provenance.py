"""The provenance of images and runs: settings, versions, commit."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("featevo", "torch", "torchvision", "pytorch-lightning", "hydra-core", "wandb", "numpy", "pillow")


def config_hash(config: Mapping[str, Any]) -> str:
    """SHA-256 over a plain configuration, independent of the order of keys."""
    return hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of every package that images depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def git_commit() -> str | None:
    """Commit of the checkout that featevo runs from, with "+" where files differ from it; None outside a checkout."""
    where = Path(__file__).resolve().parents[2]
    if not (where / ".git").exists():
        return None
    try:
        commit = _git(where, "rev-parse", "HEAD")
        return f"{commit}+" if _git(where, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return None


def _git(where: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(where), *words], check=True, capture_output=True, text=True, timeout=10
    ).stdout.strip()
