"""Keys of images in trackers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from featevo.record.schema import MAIN_VIEW, Image
from featevo.record.units import name_with_group

LONGEST_NAME = 100
"""Most bytes of an image's name in a tracker's key; W&B loses images whose key makes a file name that is too long."""


def media_keys(images: Sequence[Image]) -> list[str]:
    """`features/<class>` of each image, `<view>/<group> <name>` of other views; more slashes would nest keys.

    No two keys are equal, also after `in_ascii`: equal ones get the unit. Trackers make file names of keys, so a name
    of more than `LONGEST_NAME` bytes is cut, with a hash of the whole.
    """
    keys = []
    for image in images:
        view = "features" if image.view == MAIN_VIEW else image.view
        keys.append(f"{view}/{_shortened(' '.join(name_with_group(image).replace('/', '-').split()))}")
    count = Counter(map(in_ascii, keys))
    return [f"{key} {image.unit}" if count[in_ascii(key)] > 1 else key for key, image in zip(keys, images, strict=True)]


def _shortened(name: str) -> str:
    whole = name.encode()
    if len(whole) <= LONGEST_NAME:
        return name
    digest = sha256(whole).hexdigest()[:8]
    return f"{whole[: LONGEST_NAME - 9].decode(errors='ignore')}-{digest}"


def in_ascii(key: str) -> str:
    """A key as MLflow allows it: ASCII letters, digits and ` _-./`."""
    return re.sub(r"[^\w\-. /]+", "-", key, flags=re.ASCII)
