"""Data sets that are downloaded once: where they are kept, and one line if a download fails."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from featevo.errors import UserError

log = logging.getLogger(__name__)

T = TypeVar("T")


def place(root: str | None) -> Path:
    """The folder of downloaded data sets: `data.root`, by default `~/.cache/featevo`."""
    return Path(root or "~/.cache/featevo").expanduser()


def download(fetch: Callable[[], T], name: str, urls: str, into: Path, unpacked: Path) -> T:
    """Download and unpack. A failure leaves no partly unpacked folder, which would look complete next time.

    Args:
        fetch: does it; raises anything.
        name: of the data set.
        urls: what is fetched, for the message.
        into: the folder for these files; an existing file is not fetched again.
        unpacked: the folder they are unpacked to.

    Returns:
        The result of `fetch`.

    Raises:
        UserError: if it fails; the line explains how to fetch the files by hand.
    """
    existed = unpacked.exists()
    log.info(f"{name}: downloading to {into}, once")
    try:
        return fetch()
    except BaseException as error:
        if not existed:
            shutil.rmtree(unpacked, ignore_errors=True)
        if not isinstance(error, Exception):
            raise
        reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
        raise UserError(
            f"data.root={into}: {name} is not there and cannot be downloaded ({reason}); "
            f"fetch {urls} by hand, put it there as it is, and start again"
        ) from error
